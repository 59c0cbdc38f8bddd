import { type Descriptor, digestOf } from "@galley/spec";

/** A blob of a test. */
export interface TestBlob {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** Some bytes with their descriptor. */
export function blob(content: string | Uint8Array): TestBlob {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  return { bytes, descriptor: { mediaType: "application/octet-stream", digest: digestOf(bytes), size: bytes.length } };
}

/** A stream of bytes in pieces. */
export async function* inPieces(bytes: Uint8Array, pieceBytes = 1000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** All chunks in one. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
