import type { CopyProgress } from "@galley/image";
import type { Descriptor } from "@galley/spec";

/** When which blob is in the store. */
export interface Arrivals {
  note(progress: CopyProgress): void;
  fail(cause: unknown): void;
  /** Resolves when the blob is there; rejects when it will not come. */
  of(blob: Descriptor): Promise<void>;
}

/** Watches a copy for the arrival of some blobs. */
export function watchArrivals(blobs: readonly Descriptor[]): Arrivals {
  const known = new Map(blobs.map(({ digest }) => [digest as string, Promise.withResolvers<void>()]));
  for (const { promise } of known.values()) promise.catch(() => {}); // the copy's failure is told by the copy
  return {
    note: ({ descriptor, state }) => {
      if (state === "exists" || state === "done") known.get(descriptor.digest)?.resolve();
    },
    fail: (cause) => {
      for (const arrival of known.values()) arrival.reject(cause);
    },
    of: ({ digest }) => known.get(digest)?.promise ?? Promise.resolve(),
  };
}
