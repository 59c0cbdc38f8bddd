import type { Transform } from "node:stream";

/** A decoder of Node's zlib: knows how many bytes it has used. */
type Decoder = Transform & AsyncIterable<Uint8Array> & { readonly bytesWritten: number };

/**
 * Runs decoders over a stream one after the other. A decoder of zstd ends with its frame and leaves the rest of the chunk
 * unused, while archives with a table of contents are made of many frames (RFC 8878, 3.1); so the next one goes on there.
 */
export async function* decodeFrames(
  input: AsyncIterable<Uint8Array>,
  makeDecoder: () => Transform,
): AsyncIterable<Uint8Array> {
  const source = createSource(input);
  try {
    while (await source.peek()) {
      const decoder = makeDecoder() as Decoder;
      const fed = feed(decoder, source);
      try {
        yield* decoder;
      } finally {
        decoder.destroy();
      }
      await fed;
    }
  } finally {
    source.close();
  }
}

interface Source {
  /** The chunk at hand. */
  peek(): Promise<Uint8Array | undefined>;
  /** Says that so many bytes of it were used. */
  use(bytes: number): void;
  /** Not waited for: the input may be waiting for bytes that never come. */
  close(): void;
}

function createSource(input: AsyncIterable<Uint8Array>): Source {
  const iterator = input[Symbol.asyncIterator]();
  let chunk: Uint8Array | undefined;
  return {
    peek: async () => {
      while (!chunk || chunk.length === 0) {
        const next = await iterator.next();
        if (next.done) return undefined;
        chunk = next.value;
      }
      return chunk;
    },
    use: (bytes) => {
      chunk = chunk?.subarray(bytes);
    },
    close: () => {
      iterator.return?.()?.then(undefined, () => {});
    },
  };
}

/** Writes chunk by chunk until the decoder ends or the input does. Errors reach the one who reads the decoder. */
async function feed(decoder: Decoder, source: Source): Promise<void> {
  const ended = new Promise<void>((resolve) => decoder.once("end", resolve).once("close", resolve));
  try {
    for (let chunk = await source.peek(); chunk; chunk = await source.peek()) {
      const before = decoder.bytesWritten;
      const written = new Promise<void>((resolve) => decoder.write(chunk, () => resolve()));
      await Promise.race([written, ended]);
      source.use(decoder.bytesWritten - before);
      if (decoder.readableEnded || decoder.destroyed) return;
    }
    decoder.end();
  } catch (error) {
    decoder.destroy(error as Error);
  }
}
