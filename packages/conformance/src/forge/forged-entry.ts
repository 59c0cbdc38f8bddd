/** A field as text or bytes, put where it belongs as it is; numbers are written in octal. */
export type ForgedField = number | string | Uint8Array;

/** An entry as raw as a header can be: everything may be illegal. */
export interface ForgedEntry {
  /** "file" when left out. */
  readonly name?: string | Uint8Array;
  /** The type flag; "0", a regular file, when left out. */
  readonly flag?: string;
  readonly mode?: ForgedField;
  readonly uid?: ForgedField;
  readonly gid?: ForgedField;
  /** What the header says; the length of the content when left out. */
  readonly size?: ForgedField;
  readonly mtime?: ForgedField;
  readonly linkName?: string | Uint8Array;
  readonly major?: ForgedField;
  readonly minor?: ForgedField;
  readonly magic?: string;
  readonly prefix?: string | Uint8Array;
  readonly content?: Uint8Array | string | Fill;
  /** Left out: the right one. */
  readonly checksum?: string;
  /** Written as a pax header before the entry. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>>;
  /** Any field, as text at a byte offset of the header. */
  readonly raw?: Readonly<Record<number, string | Uint8Array>>;
}

/** So many times one byte, which are made only as they are read. */
export interface Fill {
  readonly fillBytes: number;
  /** The byte as a character; NUL when left out. */
  readonly fill?: string;
}
