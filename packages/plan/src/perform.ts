import type { Handover, Lane, Mark, Plan, Step } from "./step.ts";

/** What a performance may be given besides the plan. */
export interface PerformOptions {
  readonly signal?: AbortSignal;
  /**
   * What the program's descriptors 0, 1, 2 and from 5 upwards are: a descriptor of ours, "ignore" (/dev/null), or
   * "pipe" for a stream that `Performance.streams` hands out under the same index. 3 and 4 belong to the protocol.
   */
  readonly inherit?: readonly (number | "ignore" | "pipe")[];
}

/** A running performance. Failures reject `ended` and whatever waits on it. */
export interface Performance {
  /** The pid of a lane once its `clone` step is done. */
  pid(lane: Lane): Promise<number>;
  /** Resolves when a mark that TypeScript awaits was told. */
  told(mark: Mark): Promise<void>;
  /** Tells a mark that a lane awaits. */
  tell(mark: Mark): void;
  /** What a `read` step reported, or undefined when it was skipped or its failure was fine; known once `ended` is settled. */
  content(step: Step): Uint8Array | undefined;
  /** Sends steps to a lane that is in `receive`; resolves when they are on their way: bytes in them may change then. */
  send(steps: readonly Step[]): Promise<void>;
  /** Ends `receive`. */
  end(): void;
  /** Resolves when every lane has executed its program or ended well; rejects with the first cause. */
  readonly ended: Promise<void>;
  /** The streams of `inherit` entries that say "pipe", by descriptor number. */
  readonly streams: ReadonlyMap<number, import("node:stream").Duplex>;
  /** The pid of the program itself, the host lane. */
  readonly hostPid: number;
}

/** The port through which plans reach the kernel; `@galley/stage` provides one, tests provide recorders. */
export interface Perform {
  (plan: Plan, options?: PerformOptions): Performance;
  /** A plan will follow soon: what can be made ready for it before it is there, may be. */
  readonly prepare?: () => void;
}

export type { Handover };
