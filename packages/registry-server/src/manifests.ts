import { type Digest, digestAlgorithm, digestOf, isDigest, isTagName } from "@galley/spec";
import { checkManifest } from "./check-manifest.ts";
import { answer, checkedDigest, type Exchange, writable } from "./exchange.ts";
import { maxManifestBytes, maxTagsPerPush } from "./limits.ts";
import { refuse } from "./refusal.ts";

/** GET and HEAD of a manifest, by tag or digest. */
export async function getManifest(exchange: Exchange): Promise<void> {
  const digest = await resolve(exchange);
  const manifest = digest && (await exchange.store.manifests.get(exchange.repository, digest));
  if (!digest || !manifest) throw unknownManifest(exchange);
  const headers = {
    "content-type": manifest.mediaType,
    "content-length": manifest.bytes.byteLength,
    "docker-content-digest": digest,
    etag: `"${digest}"`,
  };
  exchange.response.writeHead(200, headers).end(exchange.request.method === "HEAD" ? undefined : manifest.bytes);
}

/** PUT of a manifest, by tag or digest; what it refers to is there before. */
export async function putManifest(exchange: Exchange): Promise<void> {
  const { repository, subject } = exchange;
  if (!isTagName(subject)) checkedDigest(subject);
  const mediaType = (exchange.request.headers["content-type"] ?? "").split(";", 1)[0]?.trim() ?? "";
  const tags = isDigest(subject) ? moreTags(exchange) : [subject];
  const bytes = await readManifest(exchange);
  const digest = digestOf(bytes, isDigest(subject) ? digestAlgorithm(subject) : "sha256");
  if (isDigest(subject) && subject !== digest) {
    throw refuse("DIGEST_INVALID", "the manifest has another digest", {
      detail: { expected: subject, actual: digest },
    });
  }
  const about = await checkManifest({ repository, store: exchange.store }, { mediaType, bytes });
  const store = writable(exchange);
  await store.manifests.put(repository, digest, { mediaType, bytes });
  for (const tag of tags) await store.tags.put(repository, tag, digest);
  answer(exchange, 201, {
    location: `/v2/${repository}/manifests/${digest}`,
    "docker-content-digest": digest,
    ...(about && { "oci-subject": about }),
    ...(isDigest(subject) && tags.length > 0 && { "oci-tag": tags.join(", ") }),
  });
}

/** Tags to give to a manifest that is pushed by its digest (end-7b). */
function moreTags({ query }: Exchange): string[] {
  const tags = query.getAll("tag");
  if (tags.length > maxTagsPerPush) throw refuse("UNSUPPORTED", "too many tags at once", { status: 414 });
  const bad = tags.find((tag) => !isTagName(tag));
  if (bad === undefined) return tags;
  throw refuse("MANIFEST_INVALID", "not a tag", { detail: { tag: bad.slice(0, 200) } });
}

/** DELETE of a tag; of a manifest together with its tags. */
export async function deleteManifest(exchange: Exchange): Promise<void> {
  const { repository, subject } = exchange;
  const removed = isDigest(subject)
    ? await removeManifest(exchange, subject)
    : await writable(exchange).tags.remove(repository, subject);
  if (!removed) throw unknownManifest(exchange);
  answer(exchange, 202, {});
}

async function removeManifest(exchange: Exchange, digest: Digest): Promise<boolean> {
  const { repository } = exchange;
  const store = writable(exchange);
  const tags = [...((await store.tags.list(repository)) ?? [])].filter(([, named]) => named === digest);
  for (const [tag] of tags) await store.tags.remove(repository, tag);
  return store.manifests.remove(repository, digest);
}

async function resolve({ store, repository, subject }: Exchange): Promise<Digest | undefined> {
  if (isDigest(subject)) return subject;
  const tags = await store.tags.list(repository);
  if (!tags) throw refuse("NAME_UNKNOWN", "repository name not known to registry", { detail: { name: repository } });
  return tags.get(subject);
}

async function readManifest({ request }: Exchange): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const bytes of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += bytes.byteLength;
    if (sizeBytes > maxManifestBytes) {
      throw refuse("SIZE_INVALID", "the manifest is too large", { headers: { connection: "close" } });
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

function unknownManifest({ repository, subject }: Exchange): Error {
  return refuse("MANIFEST_UNKNOWN", "manifest unknown", { detail: { name: repository, reference: subject } });
}
