import { createDigester, type Digest, type DigestAlgorithm } from "@galley/spec";

/** A stream, and what it measured once read to its end. */
export interface Measured {
  readonly content: AsyncIterable<Uint8Array>;
  /** To be called once, at the end. */
  digest(): Digest;
  sizeBytes(): number;
}

/**
 * Digests a stream while somebody reads it, for example to learn a layer's diff id while unpacking it.
 *
 * @example
 * const tar = measured(decompress(blob));
 * for await (const batch of layerSteps(tar.content, { root })) await performance.send(batch);
 * if (tar.digest() !== diffId) throw new Error("another layer");
 */
export function measured(input: AsyncIterable<Uint8Array>, algorithm: DigestAlgorithm = "sha256"): Measured {
  const digester = createDigester(algorithm);
  let sizeBytes = 0;
  async function* content(): AsyncIterable<Uint8Array> {
    for await (const chunk of input) {
      digester.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  }
  return { content: content(), digest: () => digester.digest(), sizeBytes: () => sizeBytes };
}
