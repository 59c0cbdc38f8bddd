/** Input with the place up to which it was used. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Collects an exact number of bytes across chunks of input. */
export interface Gather {
  /** The next `size` bytes, or undefined when the cursor ran out; then call again, with the same size, on more input. */
  take(cursor: Cursor, size: number): Uint8Array | undefined;
  /** Whether some bytes are held. */
  readonly partial: boolean;
}

/** Gives a view into the input where it can, a copy only across chunks. */
export function createGather(): Gather {
  let held: Uint8Array | undefined;
  let filled = 0;
  const take = (cursor: Cursor, size: number) => {
    const available = cursor.bytes.length - cursor.at;
    if (!held && available >= size) {
      cursor.at += size;
      return cursor.bytes.subarray(cursor.at - size, cursor.at);
    }
    if (available === 0) return undefined;
    held ??= new Uint8Array(size);
    const part = cursor.bytes.subarray(cursor.at, cursor.at + size - filled);
    held.set(part, filled);
    filled += part.length;
    cursor.at += part.length;
    if (filled < size) return undefined;
    const whole = held;
    held = undefined;
    filled = 0;
    return whole;
  };
  return {
    take,
    get partial() {
      return filled > 0;
    },
  };
}
