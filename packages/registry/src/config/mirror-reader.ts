import {
  type ContentOptions,
  type Descriptor,
  type FetchOptions,
  type GalleyError,
  galleyError,
  isGalleyError,
} from "@galley/spec";
import type { Repository } from "../repository.ts";
import type { TransferOptions } from "../transfer.ts";

/** Reads from the first of several places that can give what is asked for. */
export interface MirrorReader {
  read<T>(work: (place: Repository) => Promise<T>, options: ContentOptions): Promise<T>;
  readBlob(descriptor: Descriptor, options: FetchOptions & TransferOptions): Promise<AsyncIterable<Uint8Array>>;
}

/** The last place is the one that counts: its error is the error. */
export function createReader(places: readonly Repository[]): MirrorReader {
  // A place that did not answer, or does not have the image, is not asked for its blobs.
  let first = 0;
  const tryAll = async <T>(from: number, options: ContentOptions, work: (place: Repository) => Promise<T>) => {
    const failures: unknown[] = [];
    for (let index = from; ; index++) {
      const place = places[index];
      if (!place) throw combined(failures);
      try {
        return { value: await work(place), index };
      } catch (cause) {
        if (options.signal?.aborted || !isGalleyError(cause) || cause.kind === "cancelled") throw cause;
        failures.push(cause);
      }
    }
  };
  return {
    async read(work, options) {
      const { value, index } = await tryAll(first, options, work);
      first = index;
      return value;
    },
    async readBlob(descriptor, options) {
      const open = (from: number, offsetBytes: number) =>
        tryAll(from, options, (place) => place.fetch(descriptor, { ...options, offsetBytes }));
      const opened = await open(first, options.offsetBytes ?? 0);
      return continued(opened, options.offsetBytes ?? 0, (after, offsetBytes) =>
        after + 1 < places.length ? open(after + 1, offsetBytes) : undefined,
      );
    },
  };
}

interface Opened {
  readonly value: AsyncIterable<Uint8Array>;
  readonly index: number;
}

/** A blob whose place fails half-way goes on at the next one, where it broke. */
async function* continued(
  opened: Opened,
  offsetBytes: number,
  next: (after: number, offsetBytes: number) => Promise<Opened> | undefined,
): AsyncIterable<Uint8Array> {
  let current = opened;
  let atBytes = offsetBytes;
  for (;;) {
    try {
      for await (const bytes of current.value) {
        atBytes += bytes.byteLength;
        yield bytes;
      }
      return;
    } catch (cause) {
      const following = isGalleyError(cause, "cancelled") ? undefined : next(current.index, atBytes);
      if (!following) throw cause;
      current = await following;
    }
  }
}

/** The last error, which is the location's, with what the mirrors said. */
function combined(failures: readonly unknown[]): GalleyError {
  const error = failures.at(-1) as GalleyError;
  const mirrors = failures.slice(0, -1).map((failure) => (failure as Error).message);
  if (mirrors.length === 0) return error;
  const message = `(Mirrors also failed: [${mirrors.join("; ")}]): ${error.message}`;
  return galleyError(error.kind, error.code, message, { details: { ...error.details, mirrors }, cause: error });
}
