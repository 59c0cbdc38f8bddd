import type { FileHandle } from "node:fs/promises";
import { flushInTurn } from "../durable.ts";
import { flushEveryBytes, gatherBytes, gatherMs } from "../limits.ts";

/** Writes behind the one who brings the bytes. With `behindBytes` they must not change until `drain` has resolved. */
export interface WriteQueue {
  /** Resolves when there is room for more, at once when it gives no promise. Throws what an earlier write threw. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** The next bytes go so much further on. */
  skip(sizeBytes: number): void;
  /** Where the next bytes go. */
  readonly position: number;
  /** Resolves when all is written. */
  drain(): Promise<void>;
}

/** Pieces that lie side by side in the file. */
interface Run {
  readonly position: number;
  readonly pieces: Uint8Array[];
  sizeBytes: number;
}

/**
 * Gathers small pieces for one write, up to `behindBytes`, and not for long. With `flush` what was written is sent to the disk from
 * time to time, so that the last flush (fsync(2)) finds little left to do.
 */
export function createWriteQueue(
  file: FileHandle,
  options: { readonly position: number; readonly flush: boolean; readonly behindBytes: number },
): WriteQueue {
  let { position } = options;
  const runs: Run[] = [];
  let pendingBytes = 0;
  let unflushedBytes = 0;
  let flushing: Promise<void> | undefined;
  let writing: Promise<void> | undefined;
  let soon: NodeJS.Timeout | undefined;
  let failure: { readonly cause: unknown } | undefined;
  const fail = (cause: unknown): void => {
    failure ??= { cause };
  };

  const flushSome = (): void => {
    if (!options.flush || flushing || unflushedBytes < flushEveryBytes) return;
    unflushedBytes = 0;
    flushing = flushInTurn(() => file.datasync())
      .catch(fail)
      .finally(() => {
        flushing = undefined;
      });
  };

  const writeRuns = async (): Promise<void> => {
    for (let run = runs.shift(); run && !failure; run = runs.shift()) {
      await writeAll(file, run).catch(fail);
      pendingBytes -= run.sizeBytes;
      unflushedBytes += run.sizeBytes;
      flushSome();
    }
    writing = undefined;
  };

  const start = (): void => {
    clearTimeout(soon);
    soon = undefined;
    if (runs.length > 0) writing ??= writeRuns();
  };

  const written = async (): Promise<void> => {
    start();
    await writing;
    if (failure) throw failure.cause;
  };

  return {
    write: (bytes) => {
      addTo(runs, position, bytes);
      position += bytes.length;
      pendingBytes += bytes.length;
      if (failure || pendingBytes > options.behindBytes) return written();
      if (pendingBytes >= gatherBytes) start();
      else soon ??= setTimeout(start, gatherMs);
      return undefined;
    },
    skip: (sizeBytes) => {
      position += sizeBytes;
    },
    get position() {
      return position;
    },
    drain: async () => {
      await written();
      await flushing;
      await written();
    },
  };
}

function addTo(runs: Run[], position: number, bytes: Uint8Array): void {
  const last = runs.at(-1);
  if (last && last.position + last.sizeBytes === position) {
    last.pieces.push(bytes);
    last.sizeBytes += bytes.length;
  } else runs.push({ position, pieces: [bytes], sizeBytes: bytes.length });
}

/** pwritev(2) may take less than it was given. */
async function writeAll(file: FileHandle, { position, pieces }: Run): Promise<void> {
  let left: readonly Uint8Array[] = pieces;
  for (let at = position; left.length > 0; ) {
    const { bytesWritten } = await file.writev([...left], at);
    at += bytesWritten;
    left = without(left, bytesWritten);
  }
}

function without(pieces: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(skip, piece.length);
    skip -= skipped;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}
