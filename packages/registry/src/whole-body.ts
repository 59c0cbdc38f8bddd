import { galleyError } from "@galley/spec";

/** All of an answer's body. Throws `corrupt` when it is longer. */
export async function wholeBody(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
  host: string,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of stream) {
    sizeBytes += part.byteLength;
    if (sizeBytes > maxBytes) {
      throw galleyError("corrupt", "registry.too-large", `registry ${host} answered with more than ${maxBytes} bytes`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
