import { writeAll } from "./print.ts";

const batchBytes = 64 * 1024;

/** Writes many small pieces in few system calls. */
export interface BatchedWriter {
  /** Copies what it is given. Wait for it: then output that is read slowly slows the writer down. */
  write(descriptor: number, pieces: readonly Uint8Array[]): Promise<void> | void;
  /** Writes what is left. */
  flush(): Promise<void> | void;
}

/**
 * Gathers output until there is a lot, until the other descriptor is written to, which keeps the order, or until the program waits for
 * something, which keeps followed logs fresh.
 */
export function batchedWriter(): BatchedWriter {
  let gathered = Buffer.allocUnsafe(batchBytes);
  let length = 0;
  let current = 1;
  let failure: unknown;

  const flush = (): Promise<void> | void => {
    const bytes = gathered.subarray(0, length);
    length = 0;
    if (bytes.length === 0) return undefined;
    const writing = writeAll(current, bytes);
    if (writing !== undefined) gathered = Buffer.allocUnsafe(batchBytes); // the old one is still being written
    return writing;
  };
  const flushSoon = (): void => {
    try {
      Promise.resolve(flush()).catch(keepFailure);
    } catch (error) {
      keepFailure(error);
    }
  };
  const keepFailure = (error: unknown): void => {
    failure ??= error;
  };

  const write = (descriptor: number, pieces: readonly Uint8Array[]): Promise<void> | void => {
    if (failure !== undefined) throw failure;
    const size = pieces.reduce((sum, { length: each }) => sum + each, 0);
    if (length > 0 && (descriptor !== current || length + size > batchBytes)) {
      const writing = flush();
      if (writing !== undefined) return writing.then(() => write(descriptor, pieces));
    }
    current = descriptor;
    if (size > batchBytes) return writeAll(descriptor, Buffer.concat(pieces));
    if (length === 0) setImmediate(flushSoon);
    for (const piece of pieces) {
      gathered.set(piece, length);
      length += piece.length;
    }
  };
  return { write, flush };
}
