import type { Descriptor } from "@galley/spec";
import type { Reply } from "./http.ts";
import { safeTarget } from "./redirects.ts";
import { callOnce, callRepeatedly, corrupt, type Session } from "./session.ts";
import { reported, type TransferOptions } from "./transfer.ts";
import { verified } from "./verified.ts";

/** Whether the repository has the blob. */
export async function hasBlob(session: Session, { digest }: Descriptor, options: TransferOptions): Promise<boolean> {
  const reply = await callRepeatedly(session, {
    ...signalOf(options),
    method: "HEAD",
    at: `blobs/${digest}`,
    doing: `look for blob ${digest}`,
    access: "pull",
    accept: [200, 404],
  });
  await reply.drop();
  return reply.status === 200;
}

/**
 * Uploads a blob in one piece, unless it is there. The content can be read only once, so a cut upload is not repeated.
 * Size and digest are verified on the way, and again by the registry.
 */
export async function pushBlob(
  session: Session,
  descriptor: Descriptor,
  { content, ...options }: TransferOptions & { readonly content: AsyncIterable<Uint8Array> },
): Promise<void> {
  if (await hasBlob(session, descriptor, options)) return;
  const place = await startUpload(session, descriptor, options);
  place.searchParams.set("digest", descriptor.digest);
  const body = reported(descriptor, verified(descriptor, content), options);
  const reply = await callOnce(session, {
    ...signalOf(options),
    method: "PUT",
    at: place,
    doing: `push blob ${descriptor.digest}`,
    access: "push",
    accept: [201, 204],
    // An empty stream is an empty body to every registry only when it is no stream.
    body: descriptor.size === 0 ? "" : body,
    headers: { "content-type": "application/octet-stream", "content-length": `${descriptor.size}` },
  });
  await reply.drop();
}

/** Makes a blob of another repository of the registry visible in this one; false when the registry does not. */
export async function mountBlob(
  session: Session,
  descriptor: Descriptor,
  { from, ...options }: TransferOptions & { readonly from: string },
): Promise<boolean> {
  const { digest } = descriptor;
  const reply = await callRepeatedly(session, {
    ...signalOf(options),
    method: "POST",
    at: `blobs/uploads/?${new URLSearchParams({ mount: digest, from })}`,
    doing: `mount blob ${digest} from ${from}`,
    access: "push",
    alsoPull: from,
    accept: [201, 202],
    headers: { "content-length": "0" },
  });
  await reply.drop();
  if (reply.status === 202) await cancelUpload(session, locationOf(session, reply), options);
  return reply.status === 201;
}

async function startUpload(session: Session, { digest }: Descriptor, options: TransferOptions): Promise<URL> {
  const reply = await callRepeatedly(session, {
    ...signalOf(options),
    method: "POST",
    at: "blobs/uploads/",
    doing: `begin to push blob ${digest}`,
    access: "push",
    accept: [202],
    headers: { "content-length": "0" },
  });
  await reply.drop();
  return locationOf(session, reply);
}

function locationOf(session: Session, reply: Reply): URL {
  const location = reply.header("location");
  if (location === undefined) throw corrupt(session, "no-location", "the registry does not say where to upload to");
  return safeTarget(reply.url, location, session.options);
}

/** Politeness: the registry forgets it some day anyway. */
async function cancelUpload(session: Session, at: URL, options: TransferOptions): Promise<void> {
  const call = { method: "DELETE", at, doing: "cancel an upload", access: "push", accept: [204, 404, 405] } as const;
  await callOnce(session, { ...signalOf(options), ...call }).then(
    (reply) => reply.drop(),
    () => undefined,
  );
}

function signalOf({ signal }: TransferOptions): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
