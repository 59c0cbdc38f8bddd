import { encodeName } from "@galley/spec";
import type { TreeEntry } from "./tree-entry.ts";

/** The entry at hand of a tree that is read in order; undefined at the end. */
export interface EntryCursor {
  readonly entry: TreeEntry | undefined;
  /** On to the next entry. */
  next(): Promise<void>;
  /** From the entry with this path on to the next one that is not beneath it. */
  leave(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Reads a tree, the root left out. */
export async function openCursor(entries: AsyncIterable<TreeEntry>): Promise<EntryCursor> {
  const iterator = entries[Symbol.asyncIterator]();
  let entry: TreeEntry | undefined;
  const next = async (): Promise<void> => {
    const result = await iterator.next();
    entry = result.done ? undefined : result.value;
  };
  const leave = async (path: string): Promise<void> => {
    await next();
    while (entry?.path.startsWith(`${path}/`)) await next();
  };
  await next();
  if (entry?.path === "") await next();
  return {
    get entry() {
      return entry;
    },
    next,
    leave,
    close: async () => void (await iterator.return?.()),
  };
}

/** Which of two paths comes first, depth first with names in the order of their bytes: negative, 0 or positive. */
export function comparePaths(one: string, other: string): number {
  if (one === other) return 0;
  const [ours, theirs] = [one.split("/"), other.split("/")];
  for (let at = 0; at < ours.length && at < theirs.length; at += 1) {
    const order = Buffer.compare(encodeName(ours[at] ?? ""), encodeName(theirs[at] ?? ""));
    if (order !== 0) return order;
  }
  return ours.length - theirs.length;
}
