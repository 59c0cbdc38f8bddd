import type { PullProgress } from "@galley/engine";

/** Shows how a pull goes. */
export interface ProgressDisplay {
  show(progress: PullProgress): void;
  /** All is there. */
  finish(): void;
  /** Leaves the terminal in order, after an error too. May be called more than once. */
  close(): void;
}

/** Was a layer in the store before? A configuration always looks like it: it is read before it is copied. */
export function wasThere({ kind, state }: PullProgress): boolean {
  return kind === "layer" && state === "exists";
}

/** Which word stands for a part: layers are blobs to those who know registries. */
export function partName(progress: PullProgress): string {
  return progress.kind === "layer" ? "blob" : progress.kind;
}
