import type { Digest } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { treeDigest } from "../trees/tree-digest.ts";
import { directoryRoot, layerRoot } from "../trees/tree-roots.ts";
import { type RootSteps, walkRoot } from "../trees/walk-root.ts";
import { fillLayer } from "./fill-layer.ts";
import type { ImageRecord } from "./image-record.ts";

/** What became of a layer. */
export type RemadeLayer = "same" | "different" | "replaced";

/** What to do with the layer that is there. */
export interface RemakeLayerOptions {
  /** Compare it with what its blob says, every byte, and leave it when it is so. */
  readonly compare?: boolean;
  /** Put the new one in its place. */
  readonly replace?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Unpacks one layer of an image again, from its blob in the store, beside the one that is there. */
export async function remakeLayer(
  engine: Engine,
  image: ImageRecord,
  chainId: Digest,
  { compare = false, replace = false, signal }: RemakeLayerOptions,
): Promise<RemadeLayer> {
  const waits = signal ? { signal } : {};
  const index = image.layers.findIndex((layer) => layer.chainId === chainId);
  const layer = image.layers[index];
  if (!layer) return "same";
  await using staging = await engine.storage.layers.remake(chainId, { parent: image.layers[index - 1]?.chainId });
  const blob = await engine.storage.content.fetch(layer.descriptor, waits);
  const { archiveBytes, rootIsNamed } = await fillLayer(engine, { layer, blob, staging }, waits);
  if (compare) {
    const [there, fresh] = [layerRoot(engine, chainId), directoryRoot(staging.hostPath)];
    if ((await digestOfTree(engine, there, signal)) === (await digestOfTree(engine, fresh, signal))) return "same";
  }
  if (!replace) return "different";
  await staging.commit({ diffId: layer.diffId, archiveBytes }, { rootIsNamed });
  return "replaced";
}

function digestOfTree(engine: Engine, root: RootSteps, signal: AbortSignal | undefined): Promise<string> {
  return treeDigest(walkRoot(engine, root, { title: "compare a layer", content: true, xattrs: true, signal }));
}
