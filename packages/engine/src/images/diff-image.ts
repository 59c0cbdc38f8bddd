import { layerDifferences, treeDifferences } from "@galley/image";
import type { Engine } from "../engine.ts";
import { namedRoot } from "../trees/named-root.ts";
import { type PathDifference, pathDifferences } from "../trees/path-difference.ts";
import { imageRoot, layerRoot } from "../trees/tree-roots.ts";
import { walkRoot } from "../trees/walk-root.ts";
import { ensureLayers } from "./ensure-layers.ts";
import { findImage } from "./find-image.ts";

/**
 * What the topmost layer of an image changes in the files below it; or, with `from`, in what the image differs from another one or
 * from a container.
 *
 * @throws not-found engine.image-unknown
 *
 * @example
 * const differences = await diffImage(engine, "app:2", { from: "app:1" });
 */
export async function diffImage(
  engine: Engine,
  nameOrId: string,
  options: { readonly from?: string; readonly signal?: AbortSignal } = {},
): Promise<PathDifference[]> {
  const { from, ...waits } = options;
  const image = findImage(engine, nameOrId);
  const walk = { title: `compare image ${image.id.slice(0, 12)}`, ...waits };
  await ensureLayers(engine, image.layers);
  const whole = imageRoot(engine, image.layers);
  if (from !== undefined) {
    const before = walkRoot(engine, namedRoot(engine, from), walk);
    return pathDifferences(await treeDifferences(before, walkRoot(engine, whole, walk)));
  }
  const top = image.layers.at(-1);
  if (!top) return [];
  const below = walkRoot(engine, imageRoot(engine, image.layers.slice(0, -1)), walk);
  const above = walkRoot(engine, layerRoot(engine, top.chainId), { ...walk, xattrs: true });
  return pathDifferences(await layerDifferences(below, above));
}
