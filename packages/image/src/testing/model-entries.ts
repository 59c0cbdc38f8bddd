import type { TreeEntry } from "../tree/tree-entry.ts";

/** What a test says of an entry; the rest is as usual. */
export type EntryModel = Partial<Omit<TreeEntry, "content" | "xattrs">> & {
  readonly path: string;
  readonly content?: Uint8Array | string;
  readonly xattrs?: Readonly<Record<string, string | Uint8Array>>;
};

let inodes = 1000n;

/** An entry as walk would tell it. */
export function modelEntry({ content = "", xattrs = {}, ...model }: EntryModel): TreeEntry {
  const bytes = Buffer.from(content as string);
  inodes += 1n;
  return {
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: bytes.length,
    mtimeSeconds: 1_700_000_000,
    mtimeNanoseconds: 0,
    device: { major: 0, minor: 0 },
    fileSystem: { major: 8, minor: 1 },
    inode: inodes,
    links: 1,
    linkTarget: undefined,
    ...model,
    xattrs: new Map(Object.entries(xattrs).map(([name, value]) => [name, Buffer.from(value as string)])),
    async *content() {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/** A tree as walk would give it: the root before all others. */
export async function* modelWalk(models: readonly EntryModel[]): AsyncGenerator<TreeEntry> {
  yield modelEntry({ path: "", type: "directory", mode: 0o755 });
  for (const model of models) yield modelEntry(model);
}
