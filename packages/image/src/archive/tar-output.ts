import { blockBytes } from "../tar/tar-header.ts";
import { tarEntry } from "../tar/tar-writer.ts";

/** A file of an archive, from bytes. */
export function* tarFile(path: string, bytes: Uint8Array): Iterable<Uint8Array> {
  yield* tarEntry({ path, type: "file", sizeBytes: bytes.length });
  yield bytes;
  yield padding(bytes.length);
}

/** A file of an archive, from a stream that is known to give exactly so many bytes. */
export async function* tarStream(
  path: string,
  sizeBytes: number,
  content: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  yield* tarEntry({ path, type: "file", sizeBytes });
  yield* content;
  yield padding(sizeBytes);
}

/** A value as JSON. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function padding(sizeBytes: number): Uint8Array {
  return new Uint8Array((blockBytes - (sizeBytes % blockBytes)) % blockBytes);
}
