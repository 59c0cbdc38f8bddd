import { createDifferenceList, type DifferenceList } from "./difference-list.ts";
import { comparePaths, type EntryCursor, openCursor } from "./entry-cursor.ts";
import { sameEntry } from "./same-entry.ts";
import type { TreeDifference } from "./tree-difference.ts";
import type { TreeEntry } from "./tree-entry.ts";

/**
 * What differs between two whole trees, both read depth first with names in byte order: by type, mode, owner, size, time, link
 * target and device; no file is read. Of a directory that is gone only the directory is named. The directories above a difference
 * are differences themselves.
 *
 * @example
 * for (const { kind, path } of await treeDifferences(walkTree("/srv/old"), walkTree("/srv/new"))) console.log(kind, path);
 */
export async function treeDifferences(
  before: AsyncIterable<TreeEntry>,
  after: AsyncIterable<TreeEntry>,
): Promise<TreeDifference[]> {
  const list = createDifferenceList();
  const [old, now] = [await openCursor(before), await openCursor(after)];
  try {
    while (old.entry || now.entry) await compare(old, now, list);
  } finally {
    await Promise.allSettled([old.close(), now.close()]);
  }
  return list.sorted();
}

async function compare(old: EntryCursor, now: EntryCursor, list: DifferenceList): Promise<void> {
  const order = orderOf(old, now);
  if (order > 0) {
    list.addWithParents("added", now.entry?.path ?? "");
    return now.next();
  }
  const { entry } = old;
  if (!entry) return;
  if (order < 0) {
    list.addWithParents("deleted", entry.path);
    return old.leave(entry.path);
  }
  const other = now.entry;
  if (other && !sameEntry(entry, other)) list.addWithParents("changed", entry.path);
  await now.next();
  await (other?.type === "directory" ? old.next() : old.leave(entry.path));
}

/** Negative: the first one's entry comes first, or the other is at its end. */
export function orderOf(one: EntryCursor, other: EntryCursor): number {
  if (!one.entry) return 1;
  return other.entry ? comparePaths(one.entry.path, other.entry.path) : -1;
}
