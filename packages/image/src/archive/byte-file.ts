import { galleyError } from "@galley/spec";
import { chunkBytes } from "../limits.ts";

/** Bytes that can be read from any place: a file, a buffer. */
export interface ByteFile {
  readonly sizeBytes: number;
  /** So many bytes from there on. Throws corrupt `image.truncated` where there are fewer. */
  read(offsetBytes: number, lengthBytes: number): AsyncIterable<Uint8Array>;
}

/**
 * Keeps a stream that cannot be read twice, for example in a file, and gives it back by position. Who made the spool gives up
 * what it keeps.
 */
export type Spool = (content: AsyncIterable<Uint8Array>, options?: { signal?: AbortSignal }) => Promise<ByteFile>;

/**
 * A buffer as a file.
 *
 * @example
 * const archive = await openArchive(bufferFile(await readFile("image.tar")));
 */
export function bufferFile(bytes: Uint8Array): ByteFile {
  return {
    sizeBytes: bytes.length,
    async *read(offsetBytes, lengthBytes) {
      const end = offsetBytes + lengthBytes;
      if (end > bytes.length) throw shortFile(bytes.length, end);
      for (let at = offsetBytes; at < end; at += chunkBytes) yield bytes.subarray(at, Math.min(end, at + chunkBytes));
    },
  };
}

/** The file ends before what its own headers promise. */
export function shortFile(sizeBytes: number, neededBytes: number) {
  const message = `the archive ends early: it has ${sizeBytes} bytes and needs ${neededBytes}`;
  return galleyError("corrupt", "image.truncated", message);
}

/** A piece of a file, whole. */
export async function readPiece(file: ByteFile, offsetBytes: number, lengthBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read(offsetBytes, lengthBytes)) chunks.push(chunk);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}
