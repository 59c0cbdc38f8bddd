import { createDigester, type Digest, type DigestAlgorithm, digestAlgorithm } from "@galley/spec";
import { answer, checkedDigest, type Exchange, writable } from "./exchange.ts";
import { refuse } from "./refusal.ts";
import { discardUpload, findUpload, openUpload, type Upload, useUpload } from "./uploads.ts";

/** POST: begins an upload, or does all of it when a digest comes along, or mounts a blob of another repository. */
export async function startUpload(exchange: Exchange): Promise<void> {
  if (await mountBlob(exchange)) return;
  const digest = exchange.query.get("digest");
  const expected = digest === null ? undefined : checkedDigest(digest);
  const algorithm = expected ? digestAlgorithm(expected) : announcedAlgorithm(exchange);
  const upload = await openUpload(exchange, writable(exchange).blobs, algorithm);
  if (expected === undefined) return answer(exchange, 202, uploadHeaders(upload));
  await useUpload(upload, () => finish(exchange, upload, expected));
}

/** What the client says the digest will be in (end-4c). */
function announcedAlgorithm({ query }: Exchange): DigestAlgorithm {
  const algorithm = query.get("digest-algorithm") ?? "sha256";
  if (algorithm === "sha256" || algorithm === "sha512") return algorithm;
  throw refuse("DIGEST_INVALID", "not sha256 or sha512", { detail: { algorithm: algorithm.slice(0, 200) } });
}

async function mountBlob(exchange: Exchange): Promise<boolean> {
  const { query, repository } = exchange;
  const { blobs } = writable(exchange);
  const from = query.get("from");
  const mount = query.get("mount");
  if (from === null || mount === null || !blobs.mount || !(await exchange.mayPull(from))) return false;
  const digest = checkedDigest(mount);
  if (!(await blobs.mount(digest, from, repository))) return false;
  answer(exchange, 201, blobHeaders(repository, digest));
  return true;
}

/** GET: how far the upload is. */
export async function getUpload(exchange: Exchange): Promise<void> {
  answer(exchange, 204, uploadHeaders(upload(exchange)));
}

/** PATCH: adds a chunk, or a stream of any length. */
export async function patchUpload(exchange: Exchange): Promise<void> {
  const current = upload(exchange);
  await useUpload(current, async () => {
    await receive(exchange, current);
    answer(exchange, 202, uploadHeaders(current));
  });
}

/** PUT: adds the last chunk, if there is one, and closes. */
export async function finishUpload(exchange: Exchange): Promise<void> {
  const current = upload(exchange);
  const expected = checkedDigest(exchange.query.get("digest") ?? "");
  await useUpload(current, () => finish(exchange, current, expected));
}

/** DELETE: gives up. */
export async function cancelUpload(exchange: Exchange): Promise<void> {
  const current = upload(exchange);
  await useUpload(current, () => discardUpload(exchange.uploads, current));
  answer(exchange, 204, {});
}

function upload({ uploads, repository, subject }: Exchange): Upload {
  return findUpload(uploads, repository, subject);
}

async function finish(exchange: Exchange, current: Upload, expected: Digest): Promise<void> {
  try {
    await receive(exchange, current);
  } catch (error) {
    // A client that knows the upload's place can go on after a cut; one that sent all in a POST cannot.
    if (exchange.request.method === "POST") await discardUpload(exchange.uploads, current);
    throw error;
  }
  const actual = await digestAs(current, expected);
  if (actual !== expected) {
    await discardUpload(exchange.uploads, current);
    throw refuse("DIGEST_INVALID", "the content has another digest", { detail: { expected, actual } });
  }
  exchange.uploads.delete(current.id);
  await current.staged.commit(expected);
  answer(exchange, 201, blobHeaders(exchange.repository, expected));
}

/** Taken as the bytes pass; in an algorithm that the client names only at the end, by reading again. */
async function digestAs(current: Upload, expected: Digest): Promise<Digest> {
  if (digestAlgorithm(expected) === current.algorithm) return current.digester.digest();
  const digester = createDigester(digestAlgorithm(expected));
  for await (const bytes of current.staged.read()) digester.update(bytes);
  return digester.digest();
}

async function receive(exchange: Exchange, current: Upload): Promise<void> {
  checkContentRange(exchange, current);
  // A refusal must still be sent on this connection, so leaving the loop may not destroy it.
  for await (const bytes of exchange.request.iterator({ destroyOnReturn: false })) {
    if (current.sizeBytes + bytes.byteLength > exchange.maxBlobBytes) {
      throw refuse("SIZE_INVALID", "the blob is too large", { headers: { connection: "close" } });
    }
    await current.staged.write(bytes);
    current.digester.update(bytes);
    current.sizeBytes += bytes.byteLength;
  }
}

/** Chunks come in order: each begins where the last ended (OCI distribution-spec, "Pushing a blob in chunks"). */
function checkContentRange(exchange: Exchange, current: Upload): void {
  const header = exchange.request.headers["content-range"];
  if (header === undefined) return;
  const [, first, last] = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/\S+)?$/.exec(header) ?? [];
  const length = exchange.request.headers["content-length"];
  if (first === undefined || last === undefined || Number(first) !== current.sizeBytes) {
    const headers = uploadHeaders(current);
    throw refuse("BLOB_UPLOAD_INVALID", "the chunk does not begin where the last ended", { status: 416, headers });
  }
  if (length !== undefined && Number(length) !== Number(last) - Number(first) + 1) {
    throw refuse("SIZE_INVALID", "the chunk is not as long as its range", { status: 400 });
  }
}

function uploadHeaders({ id, repository, sizeBytes }: Upload): Record<string, string> {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}`,
    range: `0-${Math.max(0, sizeBytes - 1)}`,
    "docker-upload-uuid": id,
  };
}

function blobHeaders(repository: string, digest: Digest): Record<string, string> {
  return { location: `/v2/${repository}/blobs/${digest}`, "docker-content-digest": digest };
}
