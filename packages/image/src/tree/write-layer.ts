import { type ChangesOfOptions, changesOf } from "./changes-of.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { writeChanges } from "./write-changes.ts";

/**
 * A tree as a layer's tar archive, in constant memory but for the names of hard links; see `changesOf` and `writeChanges` for what
 * is kept. The same tree gives the same bytes.
 *
 * @example
 * const tar = writeLayer(walkTree(upper, { content: true, xattrs: true }), { marks: "trusted" });
 * const blob = compress(tar, { compression: "gzip" });
 */
export function writeLayer(
  entries: AsyncIterable<TreeEntry>,
  options: ChangesOfOptions = {},
): AsyncIterable<Uint8Array> {
  return writeChanges(changesOf(entries, options));
}
