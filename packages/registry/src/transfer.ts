import type { ContentOptions, Descriptor } from "@galley/spec";

/** How far a transfer is. */
export interface TransferProgress {
  readonly descriptor: Descriptor;
  /** From the first byte of the content, also when the transfer began later. */
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

export interface TransferOptions extends ContentOptions {
  /** Called for every piece, so it should be quick. */
  readonly onProgress?: (progress: TransferProgress) => void;
}
