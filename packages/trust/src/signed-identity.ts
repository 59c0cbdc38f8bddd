import { formatReference, parseReference, type Reference } from "@galley/spec";
import type { SignedIdentity } from "./policy.ts";

/**
 * Whether the name that a signature carries is one that it may carry for an image (containers-policy.json(5), `signedIdentity`).
 *
 * @example
 * acceptsIdentity({ type: "matchRepository" }, parseReference("quay.io/app:1"), "quay.io/app:2"); // true
 */
export function acceptsIdentity(identity: SignedIdentity, image: Reference | undefined, claimed: string): boolean {
  const signed = readClaim(claimed);
  if (!signed) return false;
  switch (identity.type) {
    case "exactReference":
      return isVersioned(signed) && sameReference(parseReference(identity.dockerReference), signed);
    case "exactRepository":
      return sameRepository(parseReference(identity.dockerRepository), signed);
    case "matchExact":
      return image !== undefined && isVersioned(image) && isVersioned(signed) && sameReference(image, signed);
    case "matchRepository":
      return image !== undefined && sameRepository(image, signed);
    case "matchRepoDigestOrExact":
      return image !== undefined && repositoryByDigestOrExact(image, signed);
    case "remapIdentity":
      return image !== undefined && repositoryByDigestOrExact(remapped(image, identity), signed);
  }
}

/** The digest has been compared before any name is looked at, so that it replaces the tag. */
function repositoryByDigestOrExact(image: Reference, signed: Reference): boolean {
  if (!isVersioned(signed)) return false;
  return image.digest === undefined ? sameReference(image, signed) : sameRepository(image, signed);
}

function remapped(
  image: Reference,
  { prefix, signedPrefix }: { readonly prefix: string; readonly signedPrefix: string },
): Reference {
  const name = formatReference({ domain: image.domain, repository: image.repository });
  const inside = prefix.includes("/") ? name === prefix || name.startsWith(`${prefix}/`) : image.domain === prefix;
  if (!inside) return image;
  const { domain, repository } = readClaim(`${signedPrefix}${name.slice(prefix.length)}`) ?? image;
  return { ...image, domain, repository };
}

function readClaim(text: string): Reference | undefined {
  try {
    return parseReference(text);
  } catch {
    return undefined;
  }
}

function isVersioned({ tag, digest }: Reference): boolean {
  return tag !== undefined || digest !== undefined;
}

function sameReference(one: Reference, other: Reference): boolean {
  return formatReference(one) === formatReference(other);
}

function sameRepository(one: Reference, other: Reference): boolean {
  return one.domain === other.domain && one.repository === other.repository;
}
