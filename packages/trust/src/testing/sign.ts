import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type Digest, digestOf } from "@galley/spec";
import type { SigstoreSignature } from "../sigstore-signature.ts";

/** A pair of keys as cosign makes them. */
export function keyPair(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject; readonly pem: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, publicKey, pem: Buffer.from(publicKey.export({ type: "spki", format: "pem" })) };
}

/** The digest of an image that does not matter. */
export const digest: Digest = digestOf("manifest");

/** What cosign, or a simple signature, says about an image. */
export function statement(
  reference: string,
  about: Digest = digest,
  type = "cosign container image signature",
): Record<string, Record<string, unknown>> {
  return {
    critical: { identity: { "docker-reference": reference }, image: { "docker-manifest-digest": about }, type },
    optional: {},
  };
}

/** Signs a statement. */
export function signStatement(privateKey: KeyObject, what: unknown): SigstoreSignature {
  const payload = Buffer.from(typeof what === "string" ? what : JSON.stringify(what));
  const algorithm = privateKey.asymmetricKeyType === "ed25519" ? null : "sha256";
  return { payload, signature: sign(algorithm, payload, privateKey).toString("base64") };
}

/** What a transparency log promises for a signature, as cosign's annotation has it. */
export function logBundle(
  logKey: KeyObject,
  logPublicKey: KeyObject,
  made: SigstoreSignature,
  signerPem: string | Uint8Array,
  integratedTime = Math.floor(Date.now() / 1000),
): string {
  const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString("base64");
  const body = base64(
    JSON.stringify({
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: "sha256", value: createHash("sha256").update(made.payload).digest("hex") } },
        signature: { content: made.signature, publicKey: { content: base64(signerPem) } },
      },
    }),
  );
  const logID = createHash("sha256")
    .update(logPublicKey.export({ type: "spki", format: "der" }))
    .digest("hex");
  // Members in the order that canonical JSON wants.
  const Payload = { body, integratedTime, logID, logIndex: 7 };
  return JSON.stringify({
    SignedEntryTimestamp: sign("sha256", Buffer.from(JSON.stringify(Payload)), logKey).toString("base64"),
    Payload,
  });
}
