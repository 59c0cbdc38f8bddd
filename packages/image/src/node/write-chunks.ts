import type { FileHandle } from "node:fs/promises";

/** Writes a stream to an open file, from its beginning; resolves to the number of bytes. */
export async function writeChunks(
  handle: FileHandle,
  content: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<number> {
  let position = 0;
  for await (const chunk of content) {
    signal?.throwIfAborted();
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, position);
      at += bytesWritten;
      position += bytesWritten;
    }
  }
  return position;
}
