import { type ContentOptions, type Descriptor, type Digest, digestOf, isDigest, isGalleyError } from "@galley/spec";
import { maxPayloadBytes, maxReferrers, maxSignatures } from "./limits.ts";
import { isRecord } from "./policy-object.ts";
import type { SigstoreSignature } from "./sigstore-signature.ts";

/** What is needed of a repository to find signatures in it. */
export interface SignatureRepository {
  fetchManifest(reference: string, options?: ContentOptions): Promise<{ readonly bytes: Uint8Array }>;
  fetch(descriptor: Descriptor, options?: ContentOptions): Promise<AsyncIterable<Uint8Array>>;
  /** What refers to a manifest; only the tag is looked at when not given. */
  referrers?(
    subject: Digest,
    options?: ContentOptions & { readonly artifactType?: string },
  ): AsyncIterable<Pick<Descriptor, "digest">>;
}

/** Of a manifest that cosign attaches as a referrer (OCI distribution-spec 1.1) instead of by tag. */
const artifactType = "application/vnd.dev.cosign.artifact.sig.v1+json";

const payloadType = "application/vnd.dev.cosign.simplesigning.v1+json";

/**
 * The signatures that cosign has attached to a manifest: the layers of what is tagged `sha256-<hex>.sig`, and of what refers to it. None when
 * there is nothing of that.
 *
 * @throws what the repository throws, other than that it is not there; corrupt
 *
 * @example
 * await using repository = openRepository("quay.io/app");
 * const signatures = await sigstoreAttachments(repository, digest);
 */
export async function sigstoreAttachments(
  repository: SignatureRepository,
  digest: Digest,
  options: ContentOptions = {},
): Promise<SigstoreSignature[]> {
  const names = [`${digest.replace(":", "-")}.sig`, ...(await referrersOf(repository, digest, options))];
  const layers: SignatureLayer[] = [];
  for (const name of names) {
    const found = await ifThere(() => repository.fetchManifest(name, options));
    if (found) layers.push(...signatureLayers(found.bytes));
  }
  return Promise.all(
    layers.slice(0, maxSignatures).map(async ({ descriptor, annotations }) => {
      const text = (name: string): string | undefined =>
        typeof annotations[name] === "string" ? annotations[name] : undefined;
      const [certificate, chain] = [text("dev.sigstore.cosign/certificate"), text("dev.sigstore.cosign/chain")];
      const bundle = text("dev.sigstore.cosign/bundle");
      return {
        payload: await payloadOf(repository, descriptor, options),
        signature: text("dev.cosignproject.cosign/signature") ?? "",
        ...(certificate !== undefined && { certificate }),
        ...(chain !== undefined && { chain }),
        ...(bundle !== undefined && { bundle }),
      };
    }),
  );
}

async function referrersOf(
  repository: SignatureRepository,
  digest: Digest,
  options: ContentOptions,
): Promise<Digest[]> {
  const found: Digest[] = [];
  await ifThere(async () => {
    for await (const referrer of repository.referrers?.(digest, { ...options, artifactType }) ?? []) {
      found.push(referrer.digest);
      if (found.length >= maxReferrers) break;
    }
  });
  return found;
}

interface SignatureLayer {
  readonly descriptor: Descriptor;
  readonly annotations: Readonly<Record<string, unknown>>;
}

/** Layers that are no signatures, or too large to be one, do not count. */
function signatureLayers(manifest: Uint8Array): SignatureLayer[] {
  const document = parseJson(manifest);
  const layers = isRecord(document) && Array.isArray(document["layers"]) ? document["layers"] : [];
  return layers.filter(isRecord).flatMap(({ mediaType, digest, size, annotations }) => {
    const fits = typeof size === "number" && Number.isInteger(size) && size > 0 && size <= maxPayloadBytes;
    if (mediaType !== payloadType || typeof digest !== "string" || !isDigest(digest) || !fits) return [];
    return [{ descriptor: { mediaType, digest, size }, annotations: isRecord(annotations) ? annotations : {} }];
  });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
}

/** Empty, so that it is no statement, when it is not what its descriptor says. */
async function payloadOf(
  repository: SignatureRepository,
  descriptor: Descriptor,
  options: ContentOptions,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of (await ifThere(() => repository.fetch(descriptor, options))) ?? []) {
    sizeBytes += part.byteLength;
    if (sizeBytes > descriptor.size) break;
    parts.push(part);
  }
  const bytes = Buffer.concat(parts);
  return bytes.byteLength === descriptor.size && digestOf(bytes) === descriptor.digest ? bytes : new Uint8Array();
}

async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (isGalleyError(error, "not-found")) return undefined;
    throw error;
  }
}
