/** Hands bytes on to one who reads them as a stream, in large pieces. */
export interface BytePassage {
  readonly content: AsyncIterable<Uint8Array>;
  /** Resolves when there is room for more, at once when it gives no promise. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** The content ends here. */
  end(): void;
  /** The reader gets this instead of the end. */
  fail(cause: unknown): void;
}

/** Bytes that are gathered for the reader: each piece costs decompression a way to another thread and back. */
const gatherBytes = 256 * 1024;
/** Bytes that may wait before their giver has to wait. */
const roomBytes = 512 * 1024;

/** Makes a passage for one reader. Once that one has left, whatever is written is dropped. */
export function createBytePassage(): BytePassage {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let state: "open" | "ended" | "left" | { readonly cause: unknown } = "open";
  let wakeReader: () => void = () => {};
  let wakeGiver: () => void = () => {};

  async function* content(): AsyncIterable<Uint8Array> {
    try {
      for (;;) {
        const some = waiting;
        waiting = [];
        waitingBytes = 0;
        wakeGiver();
        if (some.length > 0) yield Buffer.concat(some);
        if (waitingBytes >= gatherBytes) continue;
        if (state === "open")
          await new Promise<void>((resolve) => {
            wakeReader = resolve;
          });
        else if (waitingBytes === 0) {
          if (typeof state === "object") throw state.cause;
          return;
        }
      }
    } finally {
      state = "left";
      waiting = [];
      wakeGiver();
    }
  }

  return {
    content: content(),
    write: (bytes) => {
      if (state !== "open") return undefined;
      waiting.push(bytes);
      waitingBytes += bytes.length;
      if (waitingBytes >= gatherBytes) wakeReader();
      if (waitingBytes < roomBytes) return undefined;
      return new Promise((resolve) => {
        wakeGiver = resolve;
      });
    },
    end: () => {
      if (state === "open") state = "ended";
      wakeReader();
    },
    fail: (cause) => {
      if (state === "open") state = { cause };
      wakeReader();
    },
  };
}
