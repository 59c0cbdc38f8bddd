import type { ContentOptions, Digest } from "@galley/spec";
import { fetchManifest } from "./fetch-manifest.ts";
import { referrerOf } from "./manifest-subject.ts";
import { changeReferrersIndex } from "./referrers-tag.ts";
import { withRetries } from "./retry.ts";
import { callOnce, type Session } from "./session.ts";

/** OCI distribution-spec 1.1, "Deleting tags": the manifest stays. */
export async function deleteTag(session: Session, tag: string, options: ContentOptions): Promise<void> {
  await remove(session, { at: `manifests/${tag}`, doing: `delete tag ${tag}` }, options);
}

/** OCI distribution-spec 1.1, "Deleting Blobs". */
export async function deleteBlob(session: Session, digest: Digest, options: ContentOptions): Promise<void> {
  await remove(session, { at: `blobs/${digest}`, doing: `delete blob ${digest}` }, options);
  session.absent.add(digest);
}

/**
 * OCI distribution-spec 1.1, "Deleting Manifests": with all of its tags. What refers to another manifest is also taken
 * out of the index that stands in for the list of referrers, where there is one.
 */
export async function deleteManifest(session: Session, digest: Digest, options: ContentOptions): Promise<void> {
  const { descriptor, bytes } = await fetchManifest(session, digest, options);
  await remove(session, { at: `manifests/${digest}`, doing: `delete manifest ${digest}` }, options);
  const referrer = referrerOf(descriptor, bytes);
  if (!referrer) return;
  const change = { ...options, to: withoutDigest(digest) };
  await changeReferrersIndex(session, referrer.subject, change);
}

interface Removal {
  readonly at: string;
  readonly doing: string;
}

async function remove(session: Session, { at, doing }: Removal, { signal }: ContentOptions): Promise<void> {
  let attempts = 0;
  const attempt = async (): Promise<void> => {
    // Gone at the second attempt: the first one's answer was lost.
    const accept = attempts++ === 0 ? [200, 202, 204] : [200, 202, 204, 404];
    const call = { method: "DELETE", at, doing, access: "delete", accept } as const;
    await (await callOnce(session, { ...(signal && { signal }), ...call })).drop();
  };
  await withRetries(attempt, { policy: session.retry, signal });
}

function withoutDigest(gone: Digest) {
  return <T extends { readonly digest: Digest }>(manifests: readonly T[]): readonly T[] =>
    manifests.filter(({ digest }) => digest !== gone);
}
