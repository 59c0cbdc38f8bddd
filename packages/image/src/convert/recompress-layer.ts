import { type Descriptor, digestAlgorithm, type Fetcher, type FetchOptions, type LayerCompression } from "@galley/spec";
import type { Spool } from "../archive/byte-file.ts";
import { skipBytes } from "../archive/skip-bytes.ts";
import { compress } from "../compression/compress.ts";
import { decompress } from "../compression/decompress.ts";
import { measured } from "../content/measured.ts";
import { onlySignal } from "../content/only-signal.ts";
import type { OverlayContent } from "../content/overlay-content.ts";
import { verified } from "../content/verified.ts";

/** How to compress anew. */
export interface Recompression {
  readonly compression: LayerCompression;
  readonly level?: number | undefined;
  readonly spool?: Spool | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Compresses a layer anew and puts it into the overlay. Its digest is known only then: with a spool the result is kept there,
 * without one it is made once more, from the same bytes, when somebody fetches it.
 */
export async function recompressLayer(
  layer: Descriptor,
  places: { readonly from: Fetcher; readonly into: OverlayContent },
  recompression: Recompression,
): Promise<Descriptor> {
  const { spool, signal } = recompression;
  const waits = onlySignal({ signal });
  const open = async (options: FetchOptions) => {
    const plain = decompress(verified(layer, await places.from.fetch(layer, onlySignal(options))), onlySignal(options));
    return compress(plain, recompression);
  };
  const blob = measured(await open(waits), digestAlgorithm(layer.digest));
  const kept = spool ? await spool(blob.content, waits) : undefined;
  if (!kept) for await (const _ of blob.content);
  const [digest, size] = [blob.digest(), blob.sizeBytes()];
  if (digest !== layer.digest)
    places.into.addSource(digest, async (offsetBytes, options) =>
      kept ? kept.read(offsetBytes, size - offsetBytes) : skipBytes(await open(options), offsetBytes),
    );
  return { ...layer, digest, size };
}
