import { convertImage } from "@galley/image";
import { type LayerCompression, layerCompression, mediaTypes } from "@galley/spec";
import type { Engine } from "../../engine.ts";
import type { ImageRecord } from "../image-record.ts";
import type { ImageSource } from "../store-image.ts";
import { makeSpoolDirectory } from "./spool-directory.ts";

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

/** Gives an image another form where it has to change, and hands it on as it is where it has not. */
export async function formedImage(
  engine: Engine,
  image: ImageRecord,
  { format, compression, compressionLevel, signal }: ImageForm & { readonly signal?: AbortSignal | undefined },
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
  const made = await convertImage(root, content, {
    ...{ to: wanted === "v2s2" ? "schema2" : "oci", lossy: true, compression: layers, level: compressionLevel, spool },
    ...(signal ? { signal } : {}),
  });
  const kept = stack.move();
  return { content: made.content, root: made.root, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/**
 * The compression that layers get when nothing is said: one that is not compressed is sent compressed, as everybody does, in the way
 * the others are.
 */
export function usualCompression(image: ImageRecord): LayerCompression | undefined {
  const found = compressions(image);
  if (!found.includes("none")) return undefined;
  return found.includes("zstd") ? "zstd" : "gzip";
}

function compressions({ layers }: ImageRecord): (LayerCompression | undefined)[] {
  return layers.map(({ descriptor }) => layerCompression(descriptor.mediaType));
}
