import {
  type Descriptor,
  formatPlatform,
  galleyError,
  isIndexType,
  isManifestType,
  normalizePlatform,
  type Platform,
} from "@galley/spec";

/**
 * The manifest of an index that suits a platform best. A processor also runs what was built for earlier variants: the
 * nearest is taken (arm v7, then v6, then v5; amd64 v3, v2, v1; arm64 without variant is v8). Attestations and other
 * artifacts in the index are passed over. A single manifest that names no platform is taken on trust.
 *
 * @throws not-found image.no-platform, with what there is in `details.platforms`
 *
 * @example
 * const descriptor = choosePlatform(index.manifests, platformOf(process.arch));
 */
export function choosePlatform(manifests: readonly Descriptor[], wanted: Platform): Descriptor {
  const images = manifests.filter(isImage);
  const ranked = images
    .map((descriptor) => ({ descriptor, rank: descriptor.platform ? rank(descriptor.platform, wanted) : undefined }))
    .filter((each): each is { descriptor: Descriptor; rank: number } => each.rank !== undefined)
    .sort((one, other) => other.rank - one.rank);
  const [best] = ranked;
  if (best) return best.descriptor;
  const [only] = images;
  if (only && images.length === 1 && !only.platform) return only;
  throw noPlatform(images, wanted);
}

function isImage({ mediaType, artifactType, platform, annotations }: Descriptor): boolean {
  if (artifactType !== undefined || platform?.os === "unknown") return false;
  if (annotations?.["vnd.docker.reference.type"] === "attestation-manifest") return false;
  return isManifestType(mediaType) || isIndexType(mediaType);
}

/** Larger is nearer; undefined does not run. Among equals the order of the index decides. */
function rank(offered: Platform, wanted: Platform): number | undefined {
  const [one, other] = [normalizePlatform(offered), normalizePlatform(wanted)];
  if (one.os !== other.os || one.architecture !== other.architecture) return undefined;
  const [has, most] = [variantNumber(one), variantNumber(other)];
  if (has === undefined || most === undefined) return one.variant === other.variant ? 0 : undefined;
  return has <= most ? has : undefined;
}

/** The number of a variant, and of none at all; undefined for variants that are not numbered. */
function variantNumber({ architecture, variant }: Platform): number | undefined {
  const implied: Readonly<Record<string, number>> = { arm: 7, arm64: 8, amd64: 1 };
  if (variant === undefined || variant === "") return implied[architecture] ?? 0;
  const match = /^v(\d+)(?:\.(\d+))?$/.exec(variant);
  return match ? Number(match[1]) + Number(match[2] ?? 0) / 100 : undefined;
}

function noPlatform(images: readonly Descriptor[], wanted: Platform) {
  const platforms = images.map(({ platform }) => (platform ? formatPlatform(platform) : "unnamed"));
  const offer = platforms.length === 0 ? "the index has no images" : `it has ${platforms.slice(0, 20).join(", ")}`;
  return galleyError("not-found", "image.no-platform", `no image for ${formatPlatform(wanted)}: ${offer}`, {
    details: { platforms },
  });
}
