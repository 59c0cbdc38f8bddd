import { createHash, createPublicKey, type KeyObject, verify, X509Certificate } from "node:crypto";
import { maxAnnotationLength } from "./limits.ts";

/** A signature as cosign attaches it to an image. */
export interface SigstoreSignature {
  /** The signed statement. */
  readonly payload: Uint8Array;
  /** Base64. */
  readonly signature: string;
  /** Of who signed, in PEM. */
  readonly certificate?: string;
  /** Of who gave the certificate, in PEM. */
  readonly chain?: string;
  /** What a transparency log has promised, in JSON. */
  readonly bundle?: string;
}

/** Whether a key has signed. */
export function isSignedBy(key: KeyObject, { payload, signature }: SigstoreSignature): boolean {
  const bytes = decodeBase64(signature);
  // Keys on Edwards curves sign the statement itself.
  const algorithm = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  try {
    return bytes !== undefined && verify(algorithm, payload, key, bytes);
  } catch {
    return false;
  }
}

/** Strict base64. */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length > maxAnnotationLength || text.length % 4 !== 0) return undefined;
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}

/** A log's own name for a key: the digest of the key in DER (RFC 6962, section 3.2). */
export function logIdOf(key: KeyObject): Buffer {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
}

/** Whether a PEM text, a key or a certificate, is of a key. */
export function isOfKey(pem: string, key: KeyObject): boolean {
  try {
    const other = pem.includes("BEGIN CERTIFICATE") ? new X509Certificate(pem).publicKey : createPublicKey(pem);
    return logIdOf(other).equals(logIdOf(key));
  } catch {
    return false;
  }
}
