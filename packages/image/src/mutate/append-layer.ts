import type { ContentOptions, Descriptor, Digest, DigestAlgorithm, HistoryEntry, LayerCompression } from "@galley/spec";
import { type ByteFile, bufferFile, type Spool } from "../archive/byte-file.ts";
import { skipBytes } from "../archive/skip-bytes.ts";
import { compress } from "../compression/compress.ts";
import { measured } from "../content/measured.ts";
import { onlySignal } from "../content/only-signal.ts";
import type { OverlayContent } from "../content/overlay-content.ts";
import { layerTypeIn, type MediaFamily } from "../convert/media-family.ts";

/** A layer to put on top of an image. */
export type AppendedLayer =
  /** From its uncompressed archive, see `createLayer`. A function gives it anew each time it is called. */
  | {
      readonly tar: AsyncIterable<Uint8Array> | Uint8Array | (() => AsyncIterable<Uint8Array>);
      /** gzip when left out. */
      readonly compression?: LayerCompression | undefined;
      readonly level?: number | undefined;
      readonly history?: HistoryEntry | undefined;
    }
  /** One that is there already, where the image is. */
  | { readonly descriptor: Descriptor; readonly diffId: Digest; readonly history?: HistoryEntry | undefined };

/** Where a layer goes. */
export interface AppendPlaces extends ContentOptions {
  readonly into: OverlayContent;
  readonly family: MediaFamily;
  readonly algorithm: DigestAlgorithm;
  readonly spool?: Spool | undefined;
}

/** Makes a layer's blob and gives its descriptor and diff id. */
export async function appendLayer(
  layer: AppendedLayer,
  places: AppendPlaces,
): Promise<{ descriptor: Descriptor; diffId: Digest }> {
  if ("descriptor" in layer) {
    const mediaType = layerTypeIn(places.family, layer.descriptor.mediaType);
    return { descriptor: { ...layer.descriptor, mediaType }, diffId: layer.diffId };
  }
  const { tar, compression = "gzip", level } = layer;
  const plain = measured(open(tar), places.algorithm);
  const blob = measured(compress(plain.content, { compression, level }), places.algorithm);
  const kept = await keep(tar, blob.content, places);
  const [digest, size] = [blob.digest(), blob.sizeBytes()];
  places.into.addSource(digest, async (offsetBytes) =>
    kept
      ? kept.read(offsetBytes, size - offsetBytes)
      : skipBytes(compress(open(tar), { compression, level }), offsetBytes),
  );
  const like = { none: "", gzip: "+gzip", zstd: "+zstd" }[compression];
  const mediaType = layerTypeIn(places.family, `application/vnd.oci.image.layer.v1.tar${like}`);
  return { descriptor: { mediaType, digest, size }, diffId: plain.digest() };
}

function open(tar: Extract<AppendedLayer, { tar: unknown }>["tar"]): AsyncIterable<Uint8Array> {
  if (typeof tar === "function") return tar();
  return tar instanceof Uint8Array ? once(tar) : tar;
}

/** A stream comes once: its blob is kept, in memory where there is no spool. What can be had again is made again. */
async function keep(
  tar: Extract<AppendedLayer, { tar: unknown }>["tar"],
  blob: AsyncIterable<Uint8Array>,
  { spool, signal }: AppendPlaces,
): Promise<ByteFile | undefined> {
  if (spool) return spool(blob, onlySignal({ signal }));
  const again = typeof tar === "function" || tar instanceof Uint8Array;
  const chunks: Uint8Array[] = [];
  for await (const chunk of blob) if (!again) chunks.push(chunk.slice());
  return again ? undefined : bufferFile(Buffer.concat(chunks));
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
