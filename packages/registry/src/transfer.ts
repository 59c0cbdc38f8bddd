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

/** Passes content through and reports. */
export async function* reported(
  descriptor: Descriptor,
  content: AsyncIterable<Uint8Array>,
  { onProgress, offsetBytes = 0 }: TransferOptions & { readonly offsetBytes?: number },
): AsyncIterable<Uint8Array> {
  let receivedBytes = offsetBytes;
  for await (const bytes of content) {
    receivedBytes += bytes.byteLength;
    onProgress?.({ descriptor, receivedBytes, totalBytes: descriptor.size });
    yield bytes;
  }
}
