/** What a record's checksum covers. */
export interface ChecksummedRecord {
  readonly collection: string;
  readonly key: string;
  /** The record's JSON text. */
  readonly value: string;
}

/**
 * A number that tells a record from one that a disk has changed: FNV-1a over its UTF-16 units (32 bits). Against accidents, not
 * against malice. It is computed with every write, so it must not load anything.
 */
export function recordChecksum({ collection, key, value }: ChecksummedRecord): number {
  let hash = 0x811c9dc5;
  for (const text of [collection, "\0", key, "\0", value])
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
