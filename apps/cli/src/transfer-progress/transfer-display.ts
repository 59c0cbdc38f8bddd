import type { TransferProgress } from "@galley/engine";

/** Shows how a transfer of images goes. */
export interface TransferDisplay {
  show(progress: TransferProgress): void;
  /** All is there. */
  finish(): void;
  /** Leaves the terminal in order, after an error too. May be called more than once. */
  close(): void;
}

/** Was a part at its target before? A configuration always looks like it when pulled: it is read before it is copied. */
export function wasThere({ kind, state }: TransferProgress): boolean {
  return kind === "layer" && (state === "exists" || state === "mounted");
}

/** What is said of a part that was there. */
export function skippedText({ state }: TransferProgress): string {
  return state === "mounted" ? "mounted from another repository" : "skipped: already exists";
}

/** Which word stands for a part: layers are blobs to those who know registries. */
export function partName(progress: Pick<TransferProgress, "kind">): string {
  return progress.kind === "layer" ? "blob" : progress.kind;
}
