import {
  type ContentOptions,
  type Descriptor,
  type Exister,
  type Fetcher,
  type FetchOptions,
  galleyError,
  isDigest,
  isIndexType,
  isManifestType,
  isTagName,
  type Pusher,
  parseReference,
  type Reference,
  type Resolver,
  type Tagger,
  withDefaultTag,
  wrapError,
} from "@galley/spec";
import { fetchBlob } from "./fetch-blob.ts";
import { type FetchedManifest, fetchManifest, resolveManifest } from "./fetch-manifest.ts";
import { listTags } from "./list-tags.ts";
import type { RegistryOptions } from "./options.ts";
import { hasBlob, mountBlob, pushBlob } from "./push-blob.ts";
import { pushManifest, tagManifest } from "./push-manifest.ts";
import { openSession, type Session } from "./session.ts";
import { reported, type TransferOptions } from "./transfer.ts";

/** A repository of a registry: a source and a sink for images. Close it when done. */
export interface Repository extends Resolver, Fetcher, Pusher, Tagger, Exister {
  /** Without tag and digest. */
  readonly reference: Reference;
  /** Takes a tag, a digest, or a whole reference to this repository. */
  resolve(reference: string, options?: ContentOptions): Promise<Descriptor>;
  /** Resumes after a cut. Manifests come verified; blobs have the right size, and {@link verified} checks the rest. */
  fetch(descriptor: Descriptor, options?: FetchOptions & TransferOptions): Promise<AsyncIterable<Uint8Array>>;
  /** By tag, digest or whole reference. */
  fetchManifest(reference: string, options?: ContentOptions): Promise<FetchedManifest>;
  push(descriptor: Descriptor, content: AsyncIterable<Uint8Array>, options?: TransferOptions): Promise<void>;
  /** Takes over a blob of another repository of the same registry; false when that does not work, so push it. */
  mount(descriptor: Descriptor, fromRepository: string, options?: ContentOptions): Promise<boolean>;
  tags(options?: ContentOptions): AsyncIterable<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a repository; nothing is sent yet. Errors: `unavailable` when the registry does not answer, `unauthorized`,
 * `forbidden`, `not-found` (`registry.name-unknown`, `registry.manifest-unknown`, `registry.blob-unknown`), `corrupt`
 * when an answer is wrong, `cancelled`.
 *
 * @example
 * await using repository = openRepository("docker.io/library/alpine");
 * const index = await repository.resolve("latest");
 */
export function openRepository(reference: Reference | string, options: RegistryOptions = {}): Repository {
  const { domain, repository } = typeof reference === "string" ? parseReference(reference) : reference;
  const session = openSession({ domain, repository }, options);
  return {
    reference: { domain, repository },
    resolve: (name, more = {}) => working(session, more, () => resolveManifest(session, nameOf(session, name), more)),
    fetchManifest: (name, more = {}) =>
      working(session, more, () => fetchManifest(session, nameOf(session, name), more)),
    fetch: (descriptor, more = {}) => working(session, more, () => fetchContent(session, descriptor, more)),
    exists: (descriptor, more = {}) => working(session, more, () => hasContent(session, descriptor, more)),
    push: (descriptor, content, more = {}) => {
      const push = isManifest(descriptor) ? pushManifest : pushBlob;
      return working(session, more, () => push(session, descriptor, { ...more, content }));
    },
    tag: (name, descriptor, more = {}) => {
      return working(session, more, () => tagManifest(session, tagOf(session, name), { ...more, descriptor }));
    },
    mount: (descriptor, from, more = {}) =>
      working(session, more, () => mountBlob(session, descriptor, { ...more, from })),
    tags: (more = {}) => listTags(session, more),
    [Symbol.asyncDispose]: () => session.http[Symbol.asyncDispose](),
  };
}

/** An abort reaches us in many shapes; it leaves in one. */
async function working<T>(session: Session, { signal }: ContentOptions, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw galleyError("cancelled", "cancelled", `registry ${session.domain}: cancelled`, { cause: error });
  }
}

function isManifest({ mediaType }: Descriptor): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

async function fetchContent(
  session: Session,
  descriptor: Descriptor,
  options: FetchOptions & TransferOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const content = isManifest(descriptor)
    ? await manifestContent(session, descriptor, options)
    : await fetchBlob(session, descriptor, options);
  return reported(descriptor, content, options);
}

async function manifestContent(
  session: Session,
  { digest }: Descriptor,
  { offsetBytes = 0, ...options }: FetchOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const { bytes } = await fetchManifest(session, digest, options);
  return (async function* () {
    yield bytes.subarray(offsetBytes);
  })();
}

async function hasContent(session: Session, descriptor: Descriptor, options: ContentOptions): Promise<boolean> {
  if (!isManifest(descriptor)) return hasBlob(session, descriptor, options);
  const found = await resolveManifest(session, descriptor.digest, options).catch((error: unknown) => {
    const known = wrapError("look for a manifest", error);
    if (known.kind === "not-found") return undefined;
    throw error;
  });
  return found !== undefined;
}

function nameOf(session: Session, text: string): string {
  if (isTagName(text) || isDigest(text)) return text;
  const reference = withDefaultTag(parseReference(text));
  if (reference.domain === session.domain && reference.repository === session.repository) {
    return reference.digest ?? reference.tag ?? "latest";
  }
  throw galleyError("invalid", "registry.other-repository", `${text} is not in ${session.name}`);
}

function tagOf(session: Session, text: string): string {
  const name = nameOf(session, text);
  if (!isDigest(name)) return name;
  throw galleyError("invalid", "registry.not-a-tag", `${text} cannot be given to a manifest, it is a digest`);
}
