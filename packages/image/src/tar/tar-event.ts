/** One entry of an archive as its headers say, not judged yet. */
export interface TarHeader {
  readonly name: string;
  readonly linkName: string;
  /** The type flag: "0" regular, "1" hard link, "2" symbolic link, "3" and "4" devices, "5" directory, "6" fifo. */
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Of the content as it is to be, holes included. */
  readonly sizeBytes: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly major: number;
  readonly minor: number;
  /** The pax records of this entry; values are bytes, since extended attributes are. */
  readonly records: ReadonlyMap<string, Uint8Array>;
}

/** What a reader of archives says, in order: an entry, its content in pieces, its end. */
export type TarEvent =
  | { readonly type: "entry"; readonly header: TarHeader }
  | { readonly type: "data"; readonly bytes: Uint8Array }
  | { readonly type: "hole"; readonly sizeBytes: number }
  | { readonly type: "entryEnd" };
