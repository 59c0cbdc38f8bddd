import type { Digest } from "@galley/spec";

/**
 * What garbage collection needs of a store. Between `hide` and `discard` an object is absent for everyone, so nobody
 * can begin to rely on it while the last look at the roots is taken.
 */
export interface Sweeper {
  /** Everything stored. Also brings back what a collector that died had hidden. */
  list(): AsyncIterable<Digest>;
  /** Takes an object out of sight; false when it is not there. */
  hide(digest: Digest): Promise<boolean>;
  /** Brings back an object that this process has hidden. */
  restore(digest: Digest): Promise<void>;
  /** Removes an object that this process has hidden; resolves to the bytes freed, as far as known. */
  discard(digest: Digest): Promise<number>;
}
