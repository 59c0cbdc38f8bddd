import {
  type ContentOptions,
  type Descriptor,
  type Digest,
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
import type { OpenContent } from "./content-reader.ts";
import { deleteBlob, deleteManifest, deleteTag } from "./delete-content.ts";
import { fetchBlob } from "./fetch-blob.ts";
import { type FetchedManifest, fetchManifest, resolveManifest } from "./fetch-manifest.ts";
import { hasBlob } from "./has-blob.ts";
import { maxKeptContentBytes } from "./limits.ts";
import { listReferrers, type ReferrersOptions } from "./list-referrers.ts";
import { listTags } from "./list-tags.ts";
import { mountBlob } from "./mount-blob.ts";
import type { RegistryOptions } from "./options.ts";
import { pushBlob } from "./push-blob.ts";
import { pushManifest, tagManifest } from "./push-manifest.ts";
import { openSession, type Session } from "./session.ts";
import { type StreamedUpload, streamUpload } from "./stream-upload.ts";
import type { TransferOptions } from "./transfer.ts";
import { verified } from "./verified.ts";
import { working } from "./working.ts";

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
  /** Content that can be read once: repeated only while it is small, so prefer `receive`. */
  push(descriptor: Descriptor, content: AsyncIterable<Uint8Array>, options?: TransferOptions): Promise<void>;
  /**
   * A push that is repeated where that may help: `open` is called, again after a cut, with the bytes that the registry
   * has. Of content that is there nothing is opened.
   */
  receive(descriptor: Descriptor, open: OpenContent, options?: TransferOptions): Promise<void>;
  /** Takes over a blob of another repository of the same registry; false when that does not work, so push it. */
  mount(descriptor: Descriptor, fromRepository: string, options?: ContentOptions): Promise<boolean>;
  tags(options?: ContentOptions): AsyncIterable<string>;
  /** What refers to a manifest: signatures and the like. */
  referrers(subject: Digest | Descriptor, options?: ReferrersOptions): AsyncIterable<Descriptor>;
  /**
   * Sends content whose digest is known only at its end; `commit` makes it a blob. Once, without retries: keep the content, and
   * `receive` it when this fails.
   */
  stream(content: AsyncIterable<Uint8Array>, options?: ContentOptions): Promise<StreamedUpload>;
  /** Takes a tag off; the manifest stays. Throws `unsupported` where the registry does not do that, as the next two. */
  deleteTag(tag: string, options?: ContentOptions): Promise<void>;
  /** With all of its tags. */
  deleteManifest(digest: Digest, options?: ContentOptions): Promise<void>;
  deleteBlob(digest: Digest, options?: ContentOptions): Promise<void>;
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
      const opened = openOnce(descriptor, content);
      return working(session, more, () => pushContent(session, descriptor, { ...more, ...opened }));
    },
    receive: (descriptor, open, more = {}) =>
      working(session, more, () => pushContent(session, descriptor, { ...more, open })),
    stream: (content, more = {}) => working(session, more, () => streamUpload(session, content, more)),
    tag: (name, descriptor, more = {}) => {
      return working(session, more, () => tagManifest(session, tagOf(session, name), { ...more, descriptor }));
    },
    mount: (descriptor, from, more = {}) =>
      working(session, more, () => mountBlob(session, descriptor, { ...more, from })),
    tags: (more = {}) => listTags(session, more),
    referrers: (subject, more = {}) => {
      return listReferrers(session, typeof subject === "string" ? subject : subject.digest, more);
    },
    deleteTag: (tag, more = {}) => working(session, more, () => deleteTag(session, tagOf(session, tag), more)),
    deleteManifest: (digest, more = {}) => working(session, more, () => deleteManifest(session, digest, more)),
    deleteBlob: (digest, more = {}) => working(session, more, () => deleteBlob(session, digest, more)),
    [Symbol.asyncDispose]: () => session.http[Symbol.asyncDispose](),
  };
}

function isManifest({ mediaType }: Descriptor): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}

function fetchContent(
  session: Session,
  descriptor: Descriptor,
  options: FetchOptions & TransferOptions,
): Promise<AsyncIterable<Uint8Array>> {
  return (isManifest(descriptor) ? manifestContent : fetchBlob)(session, descriptor, options);
}

async function manifestContent(
  session: Session,
  descriptor: Descriptor,
  { offsetBytes = 0, onProgress, ...options }: FetchOptions & TransferOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const { bytes } = await fetchManifest(session, descriptor.digest, options);
  onProgress?.({ descriptor, receivedBytes: bytes.byteLength, totalBytes: descriptor.size });
  return inOnePiece(bytes.subarray(offsetBytes));
}

async function* inOnePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function wholeContent(descriptor: Descriptor, content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const bytes of verified(descriptor, content)) parts.push(bytes);
  return Buffer.concat(parts);
}

interface Opened extends TransferOptions {
  readonly open: OpenContent;
  readonly once?: boolean;
}

async function pushContent(session: Session, descriptor: Descriptor, options: Opened): Promise<void> {
  if (!isManifest(descriptor)) return pushBlob(session, descriptor, options);
  await pushManifest(session, descriptor, { ...options, content: await options.open(0) });
}

/** Content that comes only once; what is small is kept, so that it can be sent again. */
function openOnce(descriptor: Descriptor, content: AsyncIterable<Uint8Array>): Opened {
  if (descriptor.size > maxKeptContentBytes) return { open: async () => content, once: true };
  let kept: Promise<Uint8Array> | undefined;
  return {
    async open(offsetBytes) {
      kept ??= wholeContent(descriptor, content);
      return inOnePiece((await kept).subarray(offsetBytes));
    },
  };
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
