import { createHash, type KeyObject, type X509Certificate } from "node:crypto";
import { maxAnnotationLength } from "./limits.ts";
import { parseCertificates } from "./load-keys.ts";
import { isRecord } from "./policy-object.ts";
import { decodeBase64, isOfKey, logIdOf, type SigstoreSignature } from "./sigstore-signature.ts";

/** Who must have signed: the holder of a key, or of a certificate given to a person. */
export type Signer =
  | { readonly key: KeyObject }
  | { readonly authorities: readonly X509Certificate[]; readonly oidcIssuer: string; readonly subjectEmail: string };

/**
 * Verifies a signature that a transparency log has recorded: that the log promised to, that what it recorded is this signature by this
 * signer, and that the signer's certificate was valid then. Throws an `Error` that says what is wrong.
 *
 * Cosign's annotations are put into the form that the sigstore libraries read; those verify. They are loaded here and only here.
 */
export async function verifyLogged(
  signature: SigstoreSignature,
  signer: Signer,
  logKeys: readonly KeyObject[],
): Promise<void> {
  const { bundleFromJSON, toSignedEntity, Verifier } = await import("./sigstore-libraries.ts");
  const entry = parseLogEntry(signature.bundle);
  const leaf = "key" in signer ? undefined : leafOf(signature, signer);
  const bundle = bundleFromJSON(bundleJson(signature, entry, leaf));
  const verifier = new Verifier(await trustMaterial(signature, signer, logKeys), {
    tlogThreshold: 1,
    // The promise of a certificate log is not part of what containers-policy.json(5) asks for.
    ctlogThreshold: 0,
    timestampThreshold: 1,
  });
  const policy = "key" in signer ? undefined : { extensions: { issuer: signer.oidcIssuer } };
  verifier.verify(toSignedEntity(bundle, Buffer.from(signature.payload)), policy);
  const key = "key" in signer ? signer.key : leaf?.publicKey;
  if (!key || !isOfKey(recordedKey(entry), key)) throw new Error("the log has recorded another signer's signature");
}

/** What a log's promise is about (`dev.sigstore.cosign/bundle`). */
interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logIndex: number;
  readonly logID: string;
  readonly promise: string;
}

function parseLogEntry(text: string | undefined): LogEntry {
  if (text === undefined) throw new Error("missing Rekor bundle: the signature is in no transparency log");
  const bundle = parseJson(text);
  const payload = isRecord(bundle) ? bundle["Payload"] : undefined;
  const promise = isRecord(bundle) ? bundle["SignedEntryTimestamp"] : undefined;
  if (!isRecord(payload) || typeof promise !== "string") throw new Error("the Rekor bundle is not as it should be");
  const { body, integratedTime, logIndex, logID } = payload;
  const whole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (
    typeof body !== "string" ||
    typeof logID !== "string" ||
    !/^[0-9a-f]{64}$/.test(logID) ||
    !whole(integratedTime) ||
    !whole(logIndex)
  ) {
    throw new Error("the Rekor bundle is not as it should be");
  }
  return { body, integratedTime, logIndex, logID, promise };
}

function parseJson(text: string): unknown {
  if (text.length > maxAnnotationLength) throw new Error("the Rekor bundle is too large");
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("the Rekor bundle is not JSON");
  }
}

/** The key or certificate in what the log has recorded, in PEM. */
function recordedKey({ body }: LogEntry): string {
  const recorded = parseJson(decodeBase64(body)?.toString() ?? "");
  const spec = isRecord(recorded) ? recorded["spec"] : undefined;
  const signature = isRecord(spec) ? spec["signature"] : undefined;
  const publicKey = isRecord(signature) ? signature["publicKey"] : undefined;
  const content = isRecord(publicKey) ? publicKey["content"] : undefined;
  return typeof content === "string" ? (decodeBase64(content)?.toString() ?? "") : "";
}

/** The sigstore bundle, version 0.1, that says the same. */
function bundleJson({ payload, signature }: SigstoreSignature, entry: LogEntry, leaf: X509Certificate | undefined) {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
  return {
    mediaType: "application/vnd.dev.sigstore.bundle+json;version=0.1",
    verificationMaterial: {
      ...(leaf
        ? { x509CertificateChain: { certificates: [{ rawBytes: base64(leaf.raw) }] } }
        : { publicKey: { hint: "" } }),
      tlogEntries: [
        {
          logIndex: String(entry.logIndex),
          logId: { keyId: base64(Buffer.from(entry.logID, "hex")) },
          kindVersion: { kind: "hashedrekord", version: "0.0.1" },
          integratedTime: String(entry.integratedTime),
          inclusionPromise: { signedEntryTimestamp: entry.promise },
          canonicalizedBody: entry.body,
        },
      ],
    },
    messageSignature: {
      messageDigest: { algorithm: "SHA2_256", digest: base64(createHash("sha256").update(payload).digest()) },
      signature,
    },
  };
}

type Material = ConstructorParameters<typeof import("./sigstore-libraries.ts").Verifier>[0];

async function trustMaterial(
  signature: SigstoreSignature,
  signer: Signer,
  logKeys: readonly KeyObject[],
): Promise<Material> {
  const { X509Certificate: Certificate } = await import("./sigstore-libraries.ts");
  const always = { start: new Date(0), end: new Date(8.64e15) };
  const chain =
    "key" in signer ? [] : [...signer.authorities, ...provenAuthorities(signature.chain, signer.authorities)];
  return {
    certificateAuthorities: [
      { certChain: chain.map(({ raw }) => Certificate.parse(Buffer.from(raw))), validFor: always },
    ],
    timestampAuthorities: [],
    tlogs: logKeys.map((publicKey) => ({ logID: logIdOf(publicKey), baseURL: "", publicKey, validFor: always })),
    ctlogs: [],
    publicKey() {
      if (!("key" in signer)) throw new Error("there is no such key");
      return { publicKey: signer.key, validFor: () => true };
    },
  };
}

/** Of the authorities that come with a signature, those that a trusted one vouches for. */
function provenAuthorities(pem: string | undefined, trusted: readonly X509Certificate[]): X509Certificate[] {
  let unproven = parseCertificates((pem ?? "").slice(0, maxAnnotationLength));
  const proven: X509Certificate[] = [];
  for (;;) {
    const next = unproven.find(
      (each) => each.ca && [...trusted, ...proven].some((by) => each.checkIssued(by) && each.verify(by.publicKey)),
    );
    if (!next) return proven;
    proven.push(next);
    unproven = unproven.filter((each) => each !== next);
  }
}

const codeSigning = "1.3.6.1.5.5.7.3.3";

/** The signer's certificate, if it is for signing and for that address. */
function leafOf(
  { certificate = "" }: SigstoreSignature,
  { subjectEmail }: { readonly subjectEmail: string },
): X509Certificate {
  const [leaf] = parseCertificates(certificate.slice(0, maxAnnotationLength));
  if (!leaf) throw new Error("missing certificate: the signature was made with a key");
  if (!leaf.keyUsage?.includes(codeSigning)) throw new Error("the certificate is not for signing");
  if (!leaf.checkEmail(subjectEmail, { subject: "never" })) {
    throw new Error(`required email ${JSON.stringify(subjectEmail)} is not the certificate's`);
  }
  return leaf;
}
