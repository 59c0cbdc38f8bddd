import { createHash } from "node:crypto";
import { galleyError } from "./error.ts";

export type DigestAlgorithm = "sha256" | "sha512";

/** A checked content digest. Only {@link parseDigest}, {@link isDigest} and the makers below give one. */
export type Digest = `${DigestAlgorithm}:${string}` & { readonly "@galley/spec digest": true };

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/**
 * Whether a text is a digest: a registered algorithm and exactly as many lower-case hex digits as it has.
 *
 * @example
 * isDigest("sha256:abc"); // false: too short
 */
export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/**
 * Checks a digest (OCI image-spec, descriptor.md "Digests"). Throws `invalid`.
 *
 * @example
 * const digest = parseDigest("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
 */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  const shown = JSON.stringify(text.slice(0, 160));
  throw galleyError("invalid", "spec.invalid-digest", `invalid digest ${shown}`, { details: { digest: text } });
}

/**
 * The digest of some bytes (of a string: of its UTF-8).
 *
 * @example
 * digestOf("{}"); // "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
 */
export function digestOf(bytes: Uint8Array | string, algorithm: DigestAlgorithm = "sha256"): Digest {
  return createDigester(algorithm).update(bytes).digest();
}

/** Takes bytes as they pass by. */
export interface Digester {
  update(bytes: Uint8Array | string): Digester;
  /** May be called once, at the end. */
  digest(): Digest;
}

/**
 * A digest over a stream.
 *
 * @example
 * const digester = createDigester();
 * for await (const chunk of body) digester.update(chunk);
 * if (digester.digest() !== descriptor.digest) throw new Error("wrong content");
 */
export function createDigester(algorithm: DigestAlgorithm = "sha256"): Digester {
  const hash = createHash(algorithm);
  const digester: Digester = {
    update(bytes) {
      hash.update(bytes);
      return digester;
    },
    digest: () => `${algorithm}:${hash.digest("hex")}` as Digest,
  };
  return digester;
}

/**
 * The hex part, as in `blobs/sha256/<hex>`.
 *
 * @example
 * const path = `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
 */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/**
 * The algorithm part.
 *
 * @example
 * createDigester(digestAlgorithm(descriptor.digest));
 */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.startsWith("sha512:") ? "sha512" : "sha256";
}
