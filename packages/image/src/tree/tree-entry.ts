/**
 * One file of a tree, of whatever type, as `walkTree` of `@galley/stage` tells it; anything else that can tell as much will do.
 * Names are exact, bytes that are not UTF-8 as `decodeName` of `@galley/spec` has them.
 */
export interface TreeEntry {
  /** Beneath the root without a leading slash, "" for the root itself. */
  readonly path: string;
  readonly type: "file" | "directory" | "symlink" | "character" | "block" | "fifo" | "socket";
  /** Permissions with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Seconds since 1970, may be negative; nanoseconds on top. */
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  /** What a device stands for. */
  readonly device: { readonly major: number; readonly minor: number };
  /** Which file this is on which file system: equal for the names of one file. */
  readonly fileSystem: { readonly major: number; readonly minor: number };
  readonly inode: bigint;
  /** How many names the file has, in the tree or outside. */
  readonly links: number;
  readonly linkTarget: string | undefined;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** The bytes of a regular file, once, before the next entry is asked for. */
  content(): AsyncIterable<Uint8Array>;
}
