import type { CreatedImage } from "@galley/image";
import { copyImage, openImage } from "@galley/image";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "../images/image-record.ts";
import { makeImage, putImage } from "./make-image.ts";

/** Puts an image that was made in memory into the store, its blobs and its record, without unpacking anything. */
export async function storeMadeImage(
  engine: Engine,
  { content, descriptor, configDescriptor }: CreatedImage,
  names: readonly string[],
): Promise<ImageRecord> {
  await copyImage(descriptor, content, engine.storage.content);
  const { layers, config, manifest } = await openImage(content, descriptor);
  const record = makeImage("made", config.config, {
    id: configDescriptor.digest.slice("sha256:".length),
    manifest: descriptor,
    config: configDescriptor,
    layers: layers.map(({ descriptor: layer, diffId, chainId }) => ({ descriptor: layer, diffId, chainId })),
    repositoryDigests: [],
    ...(manifest.annotations ? { annotations: manifest.annotations } : {}),
  });
  return putImage(engine, record, names);
}
