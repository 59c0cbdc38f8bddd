import { createHash } from "node:crypto";
import type { TreeEntry } from "@galley/image";

/**
 * One number for all of a tree beneath its root: names, types, modes, owners, sizes, times, links, devices, extended attributes and
 * every byte. Times of directories and whiteouts are left out: they are those of the unpacking where the archive says nothing.
 *
 * @param entries read with content and extended attributes, depth first, names in byte order
 */
export async function treeDigest(entries: AsyncIterable<TreeEntry>): Promise<string> {
  const hash = createHash("sha256");
  const firstNames = new Map<string, string>();
  for await (const entry of entries) {
    if (entry.path === "") continue;
    hash.update(`${JSON.stringify(described(entry, firstNames))}\n`);
    if (entry.type === "file") for await (const chunk of entry.content()) hash.update(chunk);
  }
  return hash.digest("hex");
}

function described(entry: TreeEntry, firstNames: Map<string, string>) {
  const { path, type, mode, uid, gid, sizeBytes, mtimeSeconds, mtimeNanoseconds, linkTarget, device } = entry;
  const directory = type === "directory";
  const xattrs = [...entry.xattrs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [name, [...value]]);
  const whiteout = type === "character" && device.major === 0 && device.minor === 0;
  const time = directory || whiteout ? [] : [mtimeSeconds, mtimeNanoseconds];
  return [
    path,
    type,
    mode,
    uid,
    gid,
    directory ? 0 : sizeBytes,
    time,
    linkTarget,
    device,
    xattrs,
    firstName(entry, firstNames),
  ];
}

/** Names of one file are told from files that are alike. */
function firstName({ path, type, links, inode }: TreeEntry, firstNames: Map<string, string>): string {
  if (links < 2 || type === "directory") return path;
  const known = firstNames.get(String(inode)) ?? path;
  firstNames.set(String(inode), known);
  return known;
}
