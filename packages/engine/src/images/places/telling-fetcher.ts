import type { Descriptor, Fetcher } from "@galley/spec";
import { partKind, type TransferProgress } from "../transfer-progress.ts";

type State = TransferProgress["state"];

/** What to tell, and to whom. */
export interface Telling {
  readonly onProgress: ((progress: TransferProgress) => void) | undefined;
  /** While content is read, and once it was read to its end; `uploading` and `uploaded` when left out. */
  readonly states?: readonly [State, State];
}

/** A fetcher that tells how far its content has been read; bytes from an offset on count from there. */
export function tellingFetcher(from: Fetcher, { onProgress, states = ["uploading", "uploaded"] }: Telling): Fetcher {
  if (!onProgress) return from;
  return {
    fetch: async (descriptor, options) => {
      const { digest, size: totalBytes } = descriptor;
      const tell = (state: State, doneBytes: number): void =>
        onProgress({ digest, kind: partKind(descriptor), state, doneBytes, totalBytes });
      const content = await from.fetch(descriptor, options);
      return told(descriptor, content, { tell, states, offsetBytes: options?.offsetBytes ?? 0 });
    },
  };
}

interface Told {
  readonly tell: (state: State, doneBytes: number) => void;
  readonly states: readonly [State, State];
  readonly offsetBytes: number;
}

async function* told(
  { size }: Descriptor,
  content: AsyncIterable<Uint8Array>,
  { tell, states: [during, after], offsetBytes }: Told,
): AsyncIterable<Uint8Array> {
  let doneBytes = offsetBytes;
  tell(during, doneBytes);
  for await (const chunk of content) {
    yield chunk;
    doneBytes += chunk.length;
    tell(during, doneBytes);
  }
  if (doneBytes >= size) tell(after, size);
}
