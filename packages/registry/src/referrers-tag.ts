import {
  type ContentOptions,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  digestOf,
  type ImageIndex,
  isGalleyError,
  mediaTypes,
} from "@galley/spec";
import { fetchManifest } from "./fetch-manifest.ts";
import { putManifest } from "./put-manifest.ts";
import { corrupt, type Session } from "./session.ts";

/**
 * The tag that stands in for the referrers API (OCI distribution-spec 1.1, "Referrers Tag Schema").
 *
 * @example
 * referrersTag(digest); // "sha256-2cf24dba…"
 */
export function referrersTag(subject: Digest): string {
  return `${digestAlgorithm(subject).slice(0, 32)}-${digestHex(subject).slice(0, 64)}`;
}

/** The index under that tag; undefined when there is none. */
export async function fetchReferrersIndex(
  session: Session,
  subject: Digest,
  options: ContentOptions,
): Promise<ImageIndex | undefined> {
  const tag = referrersTag(subject);
  const found = await fetchManifest(session, tag, options).catch((error: unknown) => {
    if (isGalleyError(error, "not-found")) return undefined;
    throw error;
  });
  if (!found) return undefined;
  const { parseImageIndex } = await import("@galley/spec/schemas");
  if (found.descriptor.mediaType === mediaTypes.imageIndex) return parseImageIndex(found.bytes);
  throw corrupt(session, "bad-referrers", `tag ${tag}, which is for referrers, is no image index`);
}

interface Change extends ContentOptions {
  /** The descriptors that are there now, to those that shall be. */
  readonly to: (manifests: readonly Descriptor[]) => readonly Descriptor[];
}

/**
 * Changes the index under that tag, for a registry that does not keep referrers itself. One change at a time within
 * this session; the protocol has no way to lock out others.
 */
export function changeReferrersIndex(session: Session, subject: Digest, change: Change): Promise<void> {
  const work = (session.indexChanges ?? Promise.resolve()).then(() => changeNow(session, subject, change));
  session.indexChanges = work.catch(() => undefined);
  return work;
}

async function changeNow(session: Session, subject: Digest, { to, ...options }: Change): Promise<void> {
  const before = await fetchReferrersIndex(session, subject, options);
  const manifests = to(before?.manifests ?? []);
  if (sameDigests(before?.manifests ?? [], manifests)) return;
  const index = { schemaVersion: 2, mediaType: mediaTypes.imageIndex, ...before, manifests };
  const bytes = Buffer.from(JSON.stringify(index));
  const descriptor = { mediaType: mediaTypes.imageIndex, digest: digestOf(bytes), size: bytes.byteLength };
  await putManifest(session, referrersTag(subject), { ...options, descriptor, bytes });
}

function sameDigests(one: readonly Descriptor[], other: readonly Descriptor[]): boolean {
  return one.length === other.length && one.every(({ digest }, place) => digest === other[place]?.digest);
}
