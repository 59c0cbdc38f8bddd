import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { galleyError, wrapError } from "@galley/spec";
import { maxChainCertificates, maxKeyFileBytes } from "./limits.ts";
import type { KeySource } from "./policy.ts";

/** What is in a file that a policy names, or would be. Throws `invalid` when it cannot be read. */
export async function loadKeyBytes(source: KeySource): Promise<Uint8Array> {
  if ("data" in source) return source.data;
  const bytes = await readFile(source.path).catch((cause: unknown) => {
    throw galleyError("invalid", "trust.bad-key", wrapError(`read key ${source.path}`, cause).message, { cause });
  });
  if (bytes.byteLength > maxKeyFileBytes) throw badKey(source, "is too large");
  return bytes;
}

/** A public key in PEM. */
export async function loadPublicKey(source: KeySource): Promise<KeyObject> {
  const text = Buffer.from(await loadKeyBytes(source)).toString();
  if (!/^-----BEGIN (?:RSA |EC )?PUBLIC KEY-----/m.test(text)) throw badKey(source, "has no public key in PEM");
  try {
    return createPublicKey(text);
  } catch (cause) {
    throw badKey(source, "has a public key that cannot be read", cause);
  }
}

/** Certificates in PEM, at least one. */
export async function loadCertificates(source: KeySource): Promise<X509Certificate[]> {
  const found = parseCertificates(Buffer.from(await loadKeyBytes(source)).toString());
  if (found.length === 0) throw badKey(source, "has no certificates in PEM");
  return found;
}

/** The certificates of a text, the first few; none for what is no certificate. */
export function parseCertificates(pem: string): X509Certificate[] {
  const texts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return texts.slice(0, maxChainCertificates).map((text) => new X509Certificate(text));
}

function badKey(source: KeySource, why: string, cause?: unknown): Error {
  const name = "path" in source ? source.path : "the policy's data";
  return galleyError("invalid", "trust.bad-key", `read key: ${name} ${why}`, { cause });
}
