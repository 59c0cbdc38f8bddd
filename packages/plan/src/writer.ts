import { encodeName } from "@galley/spec";

/** A growing buffer of little-endian fields. */
export interface Writer {
  u8(value: number): void;
  u16(value: number): void;
  u32(value: number): void;
  u64(value: bigint): void;
  raw(bytes: Uint8Array): void;
  /** Length, bytes, and a NUL that the length does not count: C reads it in place. Bytes that are no UTF-8 as `decodeName` has them. */
  text(value: string): void;
  /** Where the next field goes; also the place to patch later. */
  readonly length: number;
  patch16(at: number, value: number): void;
  patch32(at: number, value: number): void;
  /** The bytes so far, not copied: write no more. */
  bytes(): Uint8Array;
}

/** Makes a writer. */
export function createWriter(sizeBytes = 16 * 1024): Writer {
  let buffer = Buffer.allocUnsafe(sizeBytes);
  let end = 0;
  /** Makes room, which may replace the buffer, and only then hands it out. */
  const field = (bytes: number, write: (into: Buffer, at: number) => void): void => {
    if (end + bytes > buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, end + bytes));
      buffer.copy(larger, 0, 0, end);
      buffer = larger;
    }
    write(buffer, end);
    end += bytes;
  };
  const rawText = (value: string): void => {
    const bytes = encodeName(value);
    field(4 + bytes.length + 1, (into, at) => {
      into.writeUInt32LE(bytes.length, at);
      into.set(bytes, at + 4);
      into[at + 4 + bytes.length] = 0;
    });
  };
  return {
    u8: (value) => field(1, (into, at) => void into.writeUInt8(value, at)),
    u16: (value) => field(2, (into, at) => void into.writeUInt16LE(value, at)),
    u32: (value) => field(4, (into, at) => void into.writeUInt32LE(value, at)),
    u64: (value) => field(8, (into, at) => void into.writeBigUInt64LE(value, at)),
    raw: (bytes) => field(bytes.length, (into, at) => into.set(bytes, at)),
    text: (value) => {
      if (!value.isWellFormed()) return rawText(value);
      const length = Buffer.byteLength(value);
      field(4 + length + 1, (into, at) => {
        into.writeUInt32LE(length, at);
        into.write(value, at + 4);
        into[at + 4 + length] = 0;
      });
    },
    get length() {
      return end;
    },
    patch16: (at, value) => void buffer.writeUInt16LE(value, at),
    patch32: (at, value) => void buffer.writeUInt32LE(value, at),
    bytes: () => buffer.subarray(0, end),
  };
}
