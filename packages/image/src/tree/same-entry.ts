import type { TreeEntry } from "./tree-entry.ts";

/** Whether two entries of a name are alike as far as can be told without reading files. */
export function sameEntry(one: TreeEntry, other: TreeEntry): boolean {
  if (!sameOwner(one, other)) return false;
  if (one.type === "directory") return true; // its time and size change with what is in it
  return (
    one.sizeBytes === other.sizeBytes &&
    sameTime(one, other) &&
    one.linkTarget === other.linkTarget &&
    one.device.major === other.device.major &&
    one.device.minor === other.device.minor
  );
}

/** Whether a directory of a layer is still as the one below it, its time included. */
export function sameDirectory(one: TreeEntry, other: TreeEntry): boolean {
  return sameOwner(one, other) && sameTime(one, other);
}

function sameOwner(one: TreeEntry, other: TreeEntry): boolean {
  return one.type === other.type && one.mode === other.mode && one.uid === other.uid && one.gid === other.gid;
}

/** Archives often hold whole seconds: then those alone can be compared. */
function sameTime(one: TreeEntry, other: TreeEntry): boolean {
  if (one.mtimeSeconds !== other.mtimeSeconds) return false;
  const [ours, theirs] = [one.mtimeNanoseconds, other.mtimeNanoseconds];
  return ours === theirs || ours === 0 || theirs === 0;
}
