import { createDifferenceList, type DifferenceList } from "./difference-list.ts";
import { type EntryCursor, openCursor } from "./entry-cursor.ts";
import { sameDirectory } from "./same-entry.ts";
import type { TreeDifference } from "./tree-difference.ts";
import { orderOf } from "./tree-differences.ts";
import type { TreeEntry } from "./tree-entry.ts";

/**
 * What an upper directory of overlayfs changes in the tree below it: names that it adds, changes and hides. A file that lies in it
 * counts as changed, whatever it holds; a directory when mode, owner or time are others or when names in it came or went.
 *
 * @param lower the merged tree below, read depth first with names in byte order
 * @param upper the directory itself, read with its extended attributes, which hold the marks
 *
 * @example
 * const differences = await layerDifferences(image, walkTree(upper, { xattrs: true }), { marks: "trusted" });
 */
export async function layerDifferences(
  lower: AsyncIterable<TreeEntry>,
  upper: AsyncIterable<TreeEntry>,
  { marks = "trusted" }: { readonly marks?: "trusted" | "user" | undefined } = {},
): Promise<TreeDifference[]> {
  const list = createDifferenceList();
  const [below, above] = [await openCursor(lower), await openCursor(upper)];
  const merge: Merge = { below, above, list, mark: `${marks}.overlay.opaque`, opaque: undefined };
  try {
    while (above.entry || isHidden(merge, below.entry)) await step(merge);
  } finally {
    await Promise.allSettled([below.close(), above.close()]);
  }
  return list.sorted();
}

interface Merge {
  readonly below: EntryCursor;
  readonly above: EntryCursor;
  readonly list: DifferenceList;
  readonly mark: string;
  /** The directory at hand that hides all that is below it. */
  opaque: string | undefined;
}

function isHidden({ opaque }: Merge, entry: TreeEntry | undefined): boolean {
  return opaque !== undefined && (entry?.path.startsWith(`${opaque}/`) ?? false);
}

async function step(merge: Merge): Promise<void> {
  const { below, above, list } = merge;
  const order = orderOf(below, above);
  if (order === 0) return both(merge);
  if (order > 0) return added(merge);
  const path = below.entry?.path ?? "";
  if (!isHidden(merge, below.entry)) return below.next();
  list.add("deleted", path);
  return below.leave(path);
}

async function added({ above, list }: Merge): Promise<void> {
  const { entry } = above;
  if (entry && !isWhiteout(entry)) list.add("added", entry.path);
  await above.next();
}

async function both(merge: Merge): Promise<void> {
  const { below, above, list, mark } = merge;
  const [old, now] = [below.entry, above.entry];
  if (!old || !now) return;
  await above.next();
  if (isWhiteout(now)) list.add("deleted", now.path);
  else if (now.type !== "directory" || !sameDirectory(old, now)) list.add("changed", now.path);
  if (now.type !== "directory") return below.leave(old.path);
  const opaque = now.xattrs.get(mark)?.[0] === 0x79;
  if (opaque && !isHidden(merge, now)) merge.opaque = now.path;
  await below.next();
}

function isWhiteout({ type, device }: TreeEntry): boolean {
  return type === "character" && device.major === 0 && device.minor === 0;
}
