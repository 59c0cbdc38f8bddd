import { isGalleyError, wrapError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import type { ImageLayer } from "./image-record.ts";

/**
 * Sees that an image's layers can be mounted. Blobs are on the disk before an image is recorded, trees need not be: those that a
 * boot before this one has left to its kernel are made again from their blobs, once.
 *
 * @throws not-found when a blob is gone, too
 */
export async function ensureLayers(engine: Engine, layers: readonly ImageLayer[]): Promise<void> {
  const missing = engine.storage.layers.missing(layers.map(({ chainId }) => chainId));
  if (missing.length === 0) return;
  const { bringLayers } = await import("./bring-layers.ts");
  const { content } = engine.storage;
  try {
    await bringLayers(engine, layers, { source: content, content, onProgress: undefined });
  } catch (error) {
    const gone = isGalleyError(error, "not-found");
    throw wrapError(`make the layers of the image anew${gone ? ", which has to be pulled again" : ""}`, error);
  }
  await engine.storage.layers.settle();
}
