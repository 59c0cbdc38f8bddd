import { type Descriptor, galleyError } from "@galley/spec";
import type { ContentReader } from "./content-reader.ts";
import { callOnce, corrupt, type Session } from "./session.ts";
import type { TransferOptions } from "./transfer.ts";
import { confirmedBytes, nextLocation, type UploadPlace } from "./upload-place.ts";

/** A blob on its way to a registry. */
export interface Upload {
  readonly session: Session;
  readonly descriptor: Descriptor;
  readonly content: ContentReader;
  readonly options: TransferOptions;
  /** Undefined when an upload is still, or again, to be begun. */
  place?: UploadPlace;
  /** In pieces of so many bytes; in one when undefined. */
  chunkBytes?: number;
  /** Whether bytes of an earlier request are part of it. */
  resumed?: boolean;
  /** The farthest that was ever sent, whether or not it has arrived. */
  sentBytes: number;
}

/** Sends what the registry does not have and closes the upload. Keeps `upload.place` at what the registry confirms. */
export async function sendBytes(upload: Upload, place: UploadPlace): Promise<void> {
  const { size } = upload.descriptor;
  if (place.offsetBytes === 0 && upload.chunkBytes === undefined) return close(upload, place, 0);
  let at = place;
  while (at.offsetBytes < size) {
    at = await sendChunk(upload, at);
    upload.place = at;
  }
  await close(upload, at, size);
}

/** PATCH (OCI distribution-spec 1.1, "Pushing a blob in chunks"): one piece, and what the registry then has. */
async function sendChunk(upload: Upload, place: UploadPlace): Promise<UploadPlace> {
  const { session, descriptor, chunkBytes } = upload;
  const start = place.offsetBytes;
  const length = Math.max(chunkBytes ?? Number.POSITIVE_INFINITY, place.minChunkBytes ?? 1);
  const end = Math.min(descriptor.size, start + length);
  const reply = await callOnce(session, {
    ...signalOf(upload),
    method: "PATCH",
    at: place.at,
    doing: `push bytes ${start} to ${end} of blob ${descriptor.digest}`,
    access: "push",
    accept: [200, 201, 202, 204],
    body: sent(upload, start, end),
    headers: { ...octets, "content-length": `${end - start}`, "content-range": `${start}-${end - 1}` },
  });
  await reply.drop();
  // One byte and none are written in the same way; it was one if one was sent.
  const offsetBytes = (end === 1 ? undefined : confirmedBytes(reply)) ?? end;
  if (offsetBytes > end)
    throw corrupt(session, "bad-range", `the registry has more than was sent of ${descriptor.digest}`);
  if (offsetBytes <= start) throw notKept(upload, place);
  return { ...place, at: nextLocation(session, reply, place), offsetBytes };
}

const octets = { "content-type": "application/octet-stream" };

/** PUT with the digest, and with what is missing. */
async function close(upload: Upload, place: UploadPlace, start: number): Promise<void> {
  const { session, descriptor } = upload;
  const { size, digest } = descriptor;
  const at = new URL(place.at);
  at.searchParams.set("digest", digest);
  const reply = await callOnce(session, {
    ...signalOf(upload),
    method: "PUT",
    at,
    doing: `push blob ${digest}`,
    access: "push",
    accept: [201, 204],
    // An empty stream is an empty body to every registry only when it is no stream.
    body: start === size ? "" : sent(upload, start, size),
    headers: { ...octets, "content-length": `${size - start}` },
  });
  await reply.drop();
}

async function* sent(upload: Upload, start: number, end: number): AsyncIterable<Uint8Array> {
  const { descriptor, options, content } = upload;
  let receivedBytes = start;
  for await (const bytes of content.read(start, end)) {
    receivedBytes += bytes.byteLength;
    upload.sentBytes = Math.max(upload.sentBytes, receivedBytes);
    options.onProgress?.({ descriptor, receivedBytes, totalBytes: descriptor.size });
    yield bytes;
  }
}

function notKept({ session, descriptor }: Upload, { offsetBytes }: UploadPlace): Error {
  const message = `${session.name}: the registry keeps nothing of blob ${descriptor.digest} after byte ${offsetBytes}`;
  return galleyError("unavailable", "registry.upload-lost", message, { details: { digest: descriptor.digest } });
}

function signalOf({ options: { signal } }: Upload): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
