/** Owner, mode and time of an entry. */
export interface LayerAttributes {
  readonly uid: number;
  readonly gid: number;
  /** Permissions with setuid, setgid and sticky; no type bits. */
  readonly mode: number;
  /** Since 1970; negative before. */
  readonly seconds: number;
  /** 0 to 999999999, on top of the seconds: half a second before 1970 is -1 and 500000000. */
  readonly nanoseconds: number;
}

interface Named {
  /** Beneath the root, without leading slash, `.` or `..`; empty for the root itself. */
  readonly path: string;
}

interface Attributed extends Named {
  readonly attributes: LayerAttributes;
  /** Those that layers may carry, see `keptXattrs`. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/**
 * One change of a layer (OCI image-spec, layer.md), checked: names stay beneath the root as text, numbers are in range.
 * Links within the tree are for the one who applies it: paths resolve in-root.
 *
 * Every name here (paths, link targets, attribute names) is text as `decodeName` of `@galley/spec` makes it out of bytes: a byte
 * that is not UTF-8 is half a surrogate pair, U+DC80 to U+DCFF. Plans take such text and write the exact bytes; `walkTree` gives the same.
 * `encodeName` gives the bytes, which is what `node:fs` and writers of archives need. docs/why/names-are-bytes.md says why.
 */
export type LayerChange =
  /** A regular file; `data` and `hole` changes follow, then `fileEnd`. */
  | (Attributed & { readonly type: "file"; readonly sizeBytes: number })
  | { readonly type: "data"; readonly bytes: Uint8Array }
  | { readonly type: "hole"; readonly sizeBytes: number }
  | { readonly type: "fileEnd" }
  | (Attributed & { readonly type: "directory" })
  | (Attributed & { readonly type: "symlink"; readonly target: string })
  /**
   * A hard link to a path beneath the same root; it shares the attributes. Readers leave them out; writers should say them again,
   * since other engines set them through each name.
   */
  | (Named & Partial<Attributed> & { readonly type: "link"; readonly existing: string })
  | (Attributed & { readonly type: "character" | "block"; readonly major: number; readonly minor: number })
  | (Attributed & { readonly type: "fifo" })
  /** What lower layers have under this name is gone. */
  | (Named & { readonly type: "whiteout" })
  /** What lower layers have in this directory is gone. */
  | (Named & { readonly type: "opaque" });
