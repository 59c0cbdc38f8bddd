import { type Digest, formatReference, isGalleyError } from "@galley/spec";
import { maxSignatures, maxSimpleSignatureBytes } from "./limits.ts";
import { loadCertificates, loadKeyBytes, loadPublicKey } from "./load-keys.ts";
import type { Policy, Requirement, SignedBy, SignedIdentity, SigstoreSigned } from "./policy.ts";
import { type ImagePlace, scopesOf } from "./scopes.ts";
import { type PayloadType, parsePayload } from "./signature-payload.ts";
import { acceptsIdentity } from "./signed-identity.ts";
import { isSignedBy, type SigstoreSignature } from "./sigstore-signature.ts";
import { rejected } from "./trust-error.ts";
import { type Signer, verifyLogged } from "./verify-logged.ts";
import { type VerifyOpenPgp, verifyOpenPgp } from "./verify-open-pgp.ts";

/** Where the signatures of an image are; asked only when a policy wants signatures. */
export interface SignatureSource {
  /** OpenPGP messages. */
  simple?(): Promise<readonly Uint8Array[]>;
  sigstore?(): Promise<readonly SigstoreSignature[]>;
}

/** An image that wants to come. */
export interface PolicyImage extends ImagePlace {
  /** Of the manifest's bytes, those that will be kept. */
  readonly digest: Digest;
  readonly signatures?: SignatureSource;
  /** Verifies OpenPGP messages; by the program `gpgv` when not given. */
  readonly verifyOpenPgp?: VerifyOpenPgp;
}

/**
 * Whether an image may come: all requirements of its narrowest scope are met. Returns when it may.
 *
 * @throws forbidden trust.rejected, with the reason; invalid trust.bad-key; unsupported trust.no-gpgv; and what `signatures` throws
 *
 * @example
 * const image = { transport: "docker", reference: parseReference("quay.io/app:1"), digest, signatures };
 * await checkPolicy(await readPolicy({ environment: process.env }), image);
 */
export async function checkPolicy(policy: Policy, image: PolicyImage): Promise<void> {
  for (const requirement of requirementsFor(policy, image)) await check(requirement, image);
}

/**
 * What a policy asks of an image.
 *
 * @example
 * requirementsFor(policy, { transport: "dir", path: "/srv/images" })[0]?.type; // "reject"
 */
export function requirementsFor(policy: Policy, place: ImagePlace): readonly Requirement[] {
  const scopes = policy.transports.get(place.transport);
  const scope = [...scopesOf(place), ""].find((each) => scopes?.has(each));
  return (scope === undefined ? undefined : scopes?.get(scope)) ?? policy.default;
}

async function check(requirement: Requirement, image: PolicyImage): Promise<void> {
  switch (requirement.type) {
    case "insecureAcceptAnything":
      return;
    case "reject":
      throw rejected(`Running image ${nameOf(image)} is rejected by policy`);
    case "unsupported":
      throw rejected(`the policy wants ${requirement.what}, which is not supported`);
    case "signedBy":
      return checkSimple(requirement, image);
    case "sigstoreSigned":
      return checkSigstore(requirement, image);
  }
}

function nameOf({ transport, reference, path }: ImagePlace): string {
  const name = reference ? formatReference(reference) : "";
  return transport === "docker" ? `docker://${name}` : `${transport}:${[path, name].filter(Boolean).join(":")}`;
}

async function checkSimple({ keys, identity }: SignedBy, image: PolicyImage): Promise<void> {
  const rings = await Promise.all(keys.map(loadKeyBytes));
  const found = (await image.signatures?.simple?.()) ?? [];
  await someSignature(found, async (message) => {
    if (message.byteLength > maxSimpleSignatureBytes) throw new Error("the signature is too large");
    const payload = await (image.verifyOpenPgp ?? verifyOpenPgp)(message, rings);
    checkPayload({ payload, type: "atomic container signature", identity }, image);
  });
}

async function checkSigstore(requirement: SigstoreSigned, image: PolicyImage): Promise<void> {
  const verify = await verifierOf(requirement);
  const found = (await image.signatures?.sigstore?.()) ?? [];
  await someSignature(found, async (signature) => {
    await verify(signature);
    const { payload } = signature;
    checkPayload({ payload, type: "cosign container image signature", identity: requirement.identity }, image);
  });
}

async function verifierOf({
  keys,
  fulcio,
  rekorKeys,
}: SigstoreSigned): Promise<(signature: SigstoreSignature) => Promise<void>> {
  const logKeys = await Promise.all(rekorKeys.map(loadPublicKey));
  if (fulcio) {
    const { oidcIssuer, subjectEmail } = fulcio;
    const signer = { authorities: await loadCertificates(fulcio.ca), oidcIssuer, subjectEmail };
    return (signature) => verifyLogged(signature, signer, logKeys);
  }
  const trusted = await Promise.all(keys.map(loadPublicKey));
  return async (signature) => {
    const key = trusted.find((each) => isSignedBy(each, signature));
    if (!key) throw new Error("cryptographic signature verification failed: it was not made with an accepted key");
    const signer: Signer = { key };
    if (logKeys.length > 0) await verifyLogged(signature, signer, logKeys);
  };
}

interface Statement {
  readonly payload: Uint8Array;
  readonly type: PayloadType;
  readonly identity: SignedIdentity;
}

/** A good signature must also be for this image, under a name that it may have. */
function checkPayload({ payload, type, identity }: Statement, { digest, reference }: PolicyImage): void {
  const claim = parsePayload(payload, type);
  if (!acceptsIdentity(identity, reference, claim.reference)) {
    throw new Error(`Signature for identity ${shown(claim.reference)} is not accepted`);
  }
  if (claim.digest !== digest) throw new Error(`Signature for manifest digest ${claim.digest} is not for ${digest}`);
}

/** A name that anybody may have written, for a terminal. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 512)).slice(1, -1);
}

async function someSignature<T>(found: readonly T[], accept: (signature: T) => Promise<void>): Promise<void> {
  const reasons: string[] = [];
  for (const signature of found.slice(0, maxSignatures)) {
    try {
      return await accept(signature);
    } catch (error) {
      // What cannot be found out is another thing than a bad signature.
      if (isGalleyError(error)) throw error;
      reasons.push((error as Error).message.split("\n", 1)[0] ?? "");
    }
  }
  const [only = "A signature was required, but no signature exists"] = reasons;
  throw rejected(reasons.length > 1 ? `None of the signatures were accepted, reasons: ${several(reasons)}` : only, {
    reasons,
  });
}

/** The same reason a hundred times says no more than once. */
function several(reasons: readonly string[]): string {
  return [...new Set(reasons)].slice(0, 5).join("; ");
}
