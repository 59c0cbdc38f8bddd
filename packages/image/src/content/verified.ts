import { type Descriptor, digestAlgorithm, galleyError } from "@galley/spec";
import { measured } from "./measured.ts";

/**
 * Passes on the bytes of a descriptor and throws corrupt at their end when size or digest are others: `image.size` as soon
 * as there are too many bytes, `image.digest`. Whoever uses the bytes before the end does so on credit.
 *
 * @example
 * for await (const chunk of verified(layer, await fetcher.fetch(layer))) console.log(chunk.length);
 */
export async function* verified(
  descriptor: Pick<Descriptor, "digest" | "size">,
  content: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const { digest, size } = descriptor;
  const bytes = measured(content, digestAlgorithm(digest));
  for await (const chunk of bytes.content) {
    if (bytes.sizeBytes() > size) throw wrong("image.size", `more than ${size} bytes came for ${digest}`, digest);
    yield chunk;
  }
  if (bytes.sizeBytes() < size)
    throw wrong("image.size", `${bytes.sizeBytes()} of ${size} bytes came for ${digest}`, digest);
  if (bytes.digest() !== digest) throw wrong("image.digest", `the bytes that came are not those of ${digest}`, digest);
}

function wrong(code: string, message: string, digest: string) {
  return galleyError("corrupt", code, message, { details: { digest } });
}
