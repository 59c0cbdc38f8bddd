/** A growing buffer of little-endian fields. */
export interface Writer {
  u8(value: number): void;
  u16(value: number): void;
  u32(value: number): void;
  u64(value: bigint): void;
  raw(bytes: Uint8Array): void;
  /** Length, bytes, and a NUL that the length does not count: C reads it in place. */
  text(value: string): void;
  /** Where the next field goes; also the place to patch later. */
  readonly length: number;
  patch32(at: number, value: number): void;
  /** The bytes so far, not copied: write no more. */
  bytes(): Uint8Array;
}

/** Makes a writer. */
export function createWriter(sizeBytes = 16 * 1024): Writer {
  let buffer = Buffer.allocUnsafe(sizeBytes);
  let end = 0;
  const room = (needed: number): number => {
    if (end + needed > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, end + needed));
      buffer.copy(larger, 0, 0, end);
      buffer = larger;
    }
    const at = end;
    end += needed;
    return at;
  };
  return {
    u8: (value) => void buffer.writeUInt8(value, room(1)),
    u16: (value) => void buffer.writeUInt16LE(value, room(2)),
    u32: (value) => void buffer.writeUInt32LE(value, room(4)),
    u64: (value) => void buffer.writeBigUInt64LE(value, room(8)),
    raw: (bytes) => void buffer.set(bytes, room(bytes.length)),
    text: (value) => {
      const length = Buffer.byteLength(value);
      buffer.writeUInt32LE(length, room(4));
      buffer.write(value, room(length + 1));
      buffer[end - 1] = 0;
    },
    get length() {
      return end;
    },
    patch32: (at, value) => void buffer.writeUInt32LE(value, at),
    bytes: () => buffer.subarray(0, end),
  };
}
