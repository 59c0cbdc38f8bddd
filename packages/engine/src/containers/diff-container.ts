import { layerDifferences, treeDifferences } from "@galley/image";
import type { Engine } from "../engine.ts";
import { namedRoot } from "../trees/named-root.ts";
import { type PathDifference, pathDifferences } from "../trees/path-difference.ts";
import { containerRoot, imageRoot, upperRoot } from "../trees/tree-roots.ts";
import { type WalkRootOptions, walkRoot } from "../trees/walk-root.ts";
import { containerImage } from "./container-image.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";

/**
 * What a container has changed in the files of its image; or, with `from`, in what it differs from another container or image.
 * Paths come in the order of the tree. What lies in its writable layer counts as changed, even if it is as before.
 *
 * @throws not-found engine.container-unknown, engine.image-unknown
 *
 * @example
 * for (const { kind, path } of await diffContainer(engine, "web")) console.log(kind, path);
 */
export async function diffContainer(
  engine: Engine,
  nameOrId: string,
  options: { readonly from?: string; readonly signal?: AbortSignal } = {},
): Promise<PathDifference[]> {
  const { from, ...waits } = options;
  const record = findContainer(engine, nameOrId);
  const image = containerImage(engine, record);
  const live = containerState(engine, record).process !== undefined;
  const walk: WalkRootOptions = { title: `compare container ${record.name}`, live, ...waits };
  if (from !== undefined) {
    const before = walkRoot(engine, namedRoot(engine, from), walk);
    return pathDifferences(await treeDifferences(before, walkRoot(engine, containerRoot(engine, record, image), walk)));
  }
  const upper = upperRoot(engine, record);
  if (!upper) return [];
  const below = walkRoot(engine, imageRoot(engine, image.layers), walk);
  return pathDifferences(await layerDifferences(below, walkRoot(engine, upper, { ...walk, xattrs: true })));
}
