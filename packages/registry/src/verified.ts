import { createDigester, type Descriptor, digestAlgorithm, type GalleyError, galleyError } from "@galley/spec";

/**
 * Passes content through and makes sure that it is what the descriptor says: throws `corrupt` at the end when the
 * digest is another (`registry.digest-mismatch`) or bytes are missing, and as soon as there are too many.
 *
 * @example
 * for await (const bytes of verified(layer, await repository.fetch(layer))) await file.write(bytes);
 */
export async function* verified(descriptor: Descriptor, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const digester = createDigester(digestAlgorithm(descriptor.digest));
  let sizeBytes = 0;
  for await (const bytes of content) {
    sizeBytes += bytes.byteLength;
    if (sizeBytes > descriptor.size) throw mismatch(descriptor, `more than ${descriptor.size} bytes`);
    digester.update(bytes);
    yield bytes;
  }
  if (sizeBytes !== descriptor.size) throw mismatch(descriptor, `${sizeBytes} bytes instead of ${descriptor.size}`);
  const actual = digester.digest();
  if (actual !== descriptor.digest) throw mismatch(descriptor, `its digest is ${actual}`);
}

/** The error for content that is something else. */
export function mismatch({ digest, size }: Descriptor, what: string): GalleyError {
  const message = `content is not what ${digest} stands for: ${what}`;
  return galleyError("corrupt", "registry.digest-mismatch", message, { details: { digest, sizeBytes: size } });
}
