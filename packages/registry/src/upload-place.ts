import type { ContentOptions, Descriptor } from "@galley/spec";
import type { Reply } from "./http.ts";
import { safeTarget } from "./redirects.ts";
import { callOnce, corrupt, type Session } from "./session.ts";

/** Where a blob's bytes go, as the registry said last. */
export interface UploadPlace {
  readonly at: URL;
  /** Bytes that the registry has. */
  readonly offsetBytes: number;
  /** The smallest piece that it takes (OCI-Chunk-Min-Length), except for the last. */
  readonly minChunkBytes?: number;
}

/** Begins an upload, in one attempt (OCI distribution-spec 1.1, "Pushing blobs"). */
export async function startUpload(
  session: Session,
  { digest }: Descriptor,
  { signal }: ContentOptions,
): Promise<UploadPlace> {
  const reply = await callOnce(session, {
    ...(signal && { signal }),
    method: "POST",
    at: "blobs/uploads/",
    doing: `begin to push blob ${digest}`,
    access: "push",
    accept: [202],
    headers: { "content-length": "0" },
  });
  await reply.drop();
  return begunPlace(session, reply);
}

/** The place that an answer with status 202 to a POST names. */
export function begunPlace(session: Session, reply: Reply): UploadPlace {
  const [least] = /^\d{1,12}$/.exec(reply.header("oci-chunk-min-length") ?? "") ?? [];
  return {
    at: locationOf(session, reply),
    offsetBytes: 0,
    ...(least !== undefined && Number(least) > 0 && { minChunkBytes: Number(least) }),
  };
}

/**
 * How far an upload is, from the registry; undefined when it knows nothing of it any more. Throws when the question
 * is not answered.
 */
export async function findUpload(
  session: Session,
  place: UploadPlace,
  { signal }: ContentOptions,
): Promise<UploadPlace | undefined> {
  const reply = await callOnce(session, {
    ...(signal && { signal }),
    method: "GET",
    at: place.at,
    doing: "ask how far an upload is",
    access: "push",
    accept: [200, 202, 204, 400, 404, 405, 416],
  });
  await reply.drop();
  if (reply.status >= 400) return undefined;
  const offsetBytes = confirmedBytes(reply);
  return offsetBytes === undefined ? undefined : { ...place, at: nextLocation(session, reply, place), offsetBytes };
}

/** Politeness: the registry forgets it some day anyway. */
export async function cancelUpload(session: Session, { at }: UploadPlace, { signal }: ContentOptions): Promise<void> {
  const call = { method: "DELETE", at, doing: "cancel an upload", access: "push", accept: [204, 404, 405] } as const;
  await callOnce(session, { ...(signal && { signal }), ...call }).then(
    (reply) => reply.drop(),
    () => undefined,
  );
}

/** Bytes that the registry has, from `Range: 0-1023`; undefined without one. Nothing at all is also written `0-0`. */
export function confirmedBytes(reply: Reply): number | undefined {
  const [, last] = /^(?:bytes[= ])?0-(\d{1,15})$/.exec(reply.header("range") ?? "") ?? [];
  if (last === undefined) return undefined;
  return last === "0" ? 0 : Number(last) + 1;
}

/** Each answer may name another place to go on at. */
export function nextLocation(session: Session, reply: Reply, place: UploadPlace): URL {
  return reply.header("location") === undefined ? place.at : locationOf(session, reply);
}

function locationOf(session: Session, reply: Reply): URL {
  const location = reply.header("location");
  if (location === undefined) throw corrupt(session, "no-location", "the registry does not say where to upload to");
  return safeTarget(reply.url, location, session.options);
}
