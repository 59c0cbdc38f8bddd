import type { Digest } from "@galley/spec";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";
import { fillLayer } from "./fill-layer.ts";

/** Unpacks one layer of an image again, from its blob in the store, and puts it in the place of the one that is there. */
export async function remakeLayer(engine: Engine, image: ImageRecord, chainId: Digest): Promise<void> {
  const index = image.layers.findIndex((layer) => layer.chainId === chainId);
  const layer = image.layers[index];
  if (!layer) return;
  await using staging = await engine.storage.layers.remake(chainId, { parent: image.layers[index - 1]?.chainId });
  const blob = await engine.storage.content.fetch(layer.descriptor);
  const { archiveBytes, rootIsNamed } = await fillLayer(engine, { layer, blob, staging }, {});
  await staging.commit({ diffId: layer.diffId, archiveBytes }, { rootIsNamed });
}
