import { pipeline } from "node:stream/promises";
import { parseByteRange } from "./byte-range.ts";
import { answer, type Exchange, subjectDigest, writable } from "./exchange.ts";
import { refuse } from "./refusal.ts";
import type { StoredBlob } from "./store.ts";

/** GET and HEAD of a blob, with a Range if the client likes. */
export async function getBlob(exchange: Exchange): Promise<void> {
  const digest = subjectDigest(exchange);
  const blob = await exchange.store.blobs.get(exchange.repository, digest);
  if (!blob) throw refuse("BLOB_UNKNOWN", "blob unknown to this repository", { detail: { digest } });
  await sendBlob(exchange, blob, {
    "content-type": "application/octet-stream",
    "docker-content-digest": digest,
    "accept-ranges": "bytes",
    etag: `"${digest}"`,
  });
}

async function sendBlob(exchange: Exchange, blob: StoredBlob, headers: Record<string, string>): Promise<void> {
  const { request, response } = exchange;
  const { sizeBytes } = blob;
  if (request.method === "HEAD") return answer(exchange, 200, { ...headers, "content-length": sizeBytes });
  const range = parseByteRange(request.headers.range, sizeBytes);
  if (range === "unsatisfiable") return answer(exchange, 416, { "content-range": `bytes */${sizeBytes}` });
  if (!range) {
    response.writeHead(200, { ...headers, "content-length": sizeBytes });
    return pipeline(blob.read(), response);
  }
  response.writeHead(206, {
    ...headers,
    "content-length": range.lastByte - range.firstByte + 1,
    "content-range": `bytes ${range.firstByte}-${range.lastByte}/${sizeBytes}`,
  });
  return pipeline(blob.read(range), response);
}

/** DELETE of a blob. */
export async function deleteBlob(exchange: Exchange): Promise<void> {
  const digest = subjectDigest(exchange);
  const removed = await writable(exchange).blobs.remove(exchange.repository, digest);
  if (!removed) throw refuse("BLOB_UNKNOWN", "blob unknown to this repository", { detail: { digest } });
  answer(exchange, 202, {});
}
