import { type ContentOptions, type Descriptor, galleyError } from "@galley/spec";
import { fetchManifest } from "./fetch-manifest.ts";
import { maxManifestBytes } from "./limits.ts";
import { referrerOf } from "./manifest-subject.ts";
import { putManifest } from "./put-manifest.ts";
import { changeReferrersIndex } from "./referrers-tag.ts";
import type { Session } from "./session.ts";
import { verified } from "./verified.ts";

interface ManifestContent extends ContentOptions {
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Uploads a manifest under its digest. What it refers to is there before; its subject need not be. A registry that does
 * not keep referrers is given the index that stands in for that.
 */
export async function pushManifest(
  session: Session,
  descriptor: Descriptor,
  { content, ...options }: ManifestContent,
): Promise<void> {
  const { digest, size } = descriptor;
  if (size > maxManifestBytes) {
    throw galleyError("invalid", "registry.too-large", `push manifest ${digest}: more than ${maxManifestBytes} bytes`);
  }
  const parts: Uint8Array[] = [];
  for await (const bytes of verified(descriptor, content)) parts.push(bytes);
  await putWithReferrer(session, digest, { ...options, descriptor, bytes: Buffer.concat(parts) });
}

/** Gives a manifest that is there a tag, moving the tag when it is taken. */
export async function tagManifest(
  session: Session,
  tag: string,
  { descriptor, ...options }: ContentOptions & { readonly descriptor: Descriptor },
): Promise<void> {
  const { bytes } = await fetchManifest(session, descriptor.digest, options);
  await putManifest(session, tag, { ...options, descriptor, bytes });
}

interface ManifestBytes extends ContentOptions {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

async function putWithReferrer(session: Session, name: string, manifest: ManifestBytes): Promise<void> {
  const { descriptor, bytes, ...options } = manifest;
  const { subjectKept } = await putManifest(session, name, manifest);
  const referrer = subjectKept ? undefined : referrerOf(descriptor, bytes);
  if (!referrer) return;
  await changeReferrersIndex(session, referrer.subject, {
    ...options,
    to: (known) => (known.some(({ digest }) => digest === descriptor.digest) ? known : [...known, referrer.descriptor]),
  });
}
