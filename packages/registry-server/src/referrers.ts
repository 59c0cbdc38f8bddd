import { type Descriptor, type Digest, isIndexType, isManifestType, mediaTypes } from "@galley/spec";
import { parseImageIndex, parseImageManifest } from "@galley/spec/schemas";
import { answerJson, type Exchange, subjectDigest } from "./exchange.ts";
import { maxReferrers } from "./limits.ts";
import type { StoredManifest } from "./store.ts";

/** GET of the manifests whose subject this is, as an index (OCI distribution-spec, "Listing Referrers"). */
export async function listReferrers(exchange: Exchange): Promise<void> {
  const about = subjectDigest(exchange);
  const artifactType = exchange.query.get("artifactType");
  const all = await referrersOf(exchange, about);
  const manifests = artifactType === null ? all : all.filter((each) => each.artifactType === artifactType);
  answerJson(
    exchange,
    { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests },
    {
      "content-type": mediaTypes.imageIndex,
      ...(artifactType !== null && { "oci-filters-applied": "artifactType" }),
    },
  );
}

async function referrersOf({ store, repository }: Exchange, about: Digest): Promise<Descriptor[]> {
  const found: Descriptor[] = [];
  let looked = 0;
  for await (const digest of store.manifests.list(repository)) {
    if (++looked > maxReferrers) break;
    const manifest = await store.manifests.get(repository, digest);
    const referrer = manifest && describe(manifest, digest, about);
    if (referrer) found.push(referrer);
  }
  return found;
}

function describe(manifest: StoredManifest, digest: Digest, about: Digest): Descriptor | undefined {
  const { mediaType, bytes } = manifest;
  const parsed = parse(manifest);
  if (parsed?.subject?.digest !== about) return undefined;
  const artifactType = parsed.artifactType ?? parsed.config?.mediaType;
  const { annotations } = parsed;
  return {
    mediaType,
    digest,
    size: bytes.byteLength,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
  };
}

interface Parsed {
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly config?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

function parse({ mediaType, bytes }: StoredManifest): Parsed | undefined {
  if (isManifestType(mediaType)) return parseImageManifest(bytes);
  return isIndexType(mediaType) ? parseImageIndex(bytes) : undefined;
}
