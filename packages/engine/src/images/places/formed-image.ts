import { type ConvertImageOptions, convertImage, type Spool } from "@galley/image";
import { type LayerCompression, layerCompression, mediaTypes } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import type { ImageRecord } from "../image-record.ts";
import type { ImageSource } from "../store-image.ts";
import type { TransferProgress } from "../transfer-progress.ts";
import { makeSpoolDirectory } from "./spool-directory.ts";
import { tellingFetcher } from "./telling-fetcher.ts";

/** How an image is to look where it goes; what is left out stays as it is. */
export interface ImageForm {
  /** OCI's media types, or those of Docker's schema 2, which cannot hold everything: annotations are lost. */
  readonly format?: "oci" | "v2s2" | undefined;
  /** Of layers. Those that have it already stay byte for byte. */
  readonly compression?: LayerCompression | undefined;
  /** 1 to 9 for gzip, 1 to 19 for zstd. */
  readonly compressionLevel?: number | undefined;
}

/** An image of the store in its new form. Dispose of it when it is where it goes. */
export interface FormedImage extends ImageSource, AsyncDisposable {}

/** How to form an image. */
export interface FormOptions extends ImageForm {
  /** Stands in front of the files in which new layers are kept. */
  readonly through?: ((files: Spool) => Spool) | undefined;
  /** Knows what became of a layer earlier, when that need not be made again. */
  readonly made?: ConvertImageOptions["made"];
  /** Called when a layer was compressed anew. */
  readonly onLayer?: ConvertImageOptions["onLayer"];
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Gives an image another form where it has to change, and hands it on as it is where it has not. */
export async function formedImage(
  engine: Engine,
  image: ImageRecord,
  { format, compression, compressionLevel, through = (files) => files, made, onLayer, onProgress, signal }: FormOptions,
): Promise<FormedImage> {
  const { content } = engine.storage;
  const root = image.manifest;
  const docker = root.mediaType === mediaTypes.dockerManifest;
  const wanted = format ?? (docker && compression !== "zstd" ? "v2s2" : "oci");
  const layers = compression ?? (wanted === "v2s2" && compressions(image).includes("zstd") ? "gzip" : undefined);
  const sameLayers = layers === undefined || compressions(image).every((each) => each === layers);
  if (sameLayers && (wanted === "v2s2") === docker) return { content, root, [Symbol.asyncDispose]: async () => {} };
  const { fileSpool } = await import("@galley/image/node");
  await using stack = new AsyncDisposableStack();
  const { spool } = stack.use(fileSpool({ hostPath: await makeSpoolDirectory(engine) }));
  let compressing = true;
  const tell = (progress: TransferProgress): void => {
    if (compressing && progress.kind === "layer") onProgress?.(progress);
  };
  const from = tellingFetcher(content, { onProgress: tell, states: ["compressing", "compressed"] });
  const converted = await convertImage(root, from, {
    ...{ to: wanted === "v2s2" ? "schema2" : "oci", lossy: true, compression: layers, level: compressionLevel },
    ...{ spool: through(spool), made, onLayer },
    ...(signal ? { signal } : {}),
  });
  compressing = false; // what stayed as it was is read through the same fetcher later, on its way out
  const kept = stack.move();
  return { content: converted.content, root: converted.root, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** What a registry's readers save by zlib's usual level, 6, is 2 % of the bytes; it costs the sender 60 % more time. */
const usualGzipLevel = 4;

/**
 * The form of layers when nothing is said: one that is not compressed is sent compressed, as everybody does, in the way the others
 * are.
 */
export function usualForm(image: ImageRecord): Pick<ImageForm, "compression" | "compressionLevel"> {
  const found = compressions(image);
  if (!found.includes("none")) return {};
  return found.includes("zstd") ? { compression: "zstd" } : { compression: "gzip", compressionLevel: usualGzipLevel };
}

function compressions({ layers }: ImageRecord): (LayerCompression | undefined)[] {
  return layers.map(({ descriptor }) => layerCompression(descriptor.mediaType));
}
