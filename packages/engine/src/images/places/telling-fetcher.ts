import type { Descriptor, Fetcher } from "@galley/spec";
import { partKind, type TransferProgress } from "../transfer-progress.ts";

/** A fetcher that tells how far its content is on its way out of the store; bytes from an offset on count from there. */
export function tellingFetcher(from: Fetcher, onProgress: ((progress: TransferProgress) => void) | undefined): Fetcher {
  if (!onProgress) return from;
  return {
    fetch: async (descriptor, options) => {
      const tell = (state: "uploading" | "uploaded", doneBytes: number): void =>
        onProgress({ digest: descriptor.digest, kind: partKind(descriptor), state, doneBytes, totalBytes: descriptor.size });
      const content = await from.fetch(descriptor, options);
      return told(descriptor, content, { tell, offsetBytes: options?.offsetBytes ?? 0 });
    },
  };
}

async function* told(
  { size }: Descriptor,
  content: AsyncIterable<Uint8Array>,
  { tell, offsetBytes }: { tell: (state: "uploading" | "uploaded", doneBytes: number) => void; offsetBytes: number },
): AsyncIterable<Uint8Array> {
  let doneBytes = offsetBytes;
  tell("uploading", doneBytes);
  for await (const chunk of content) {
    yield chunk;
    doneBytes += chunk.length;
    tell("uploading", doneBytes);
  }
  if (doneBytes >= size) tell("uploaded", size);
}
