/** A stream without its first bytes. */
export async function* skipBytes(content: AsyncIterable<Uint8Array>, offsetBytes: number): AsyncIterable<Uint8Array> {
  let left = offsetBytes;
  for await (const chunk of content) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
