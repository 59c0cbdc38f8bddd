import type { ContentOptions, Descriptor } from "@galley/spec";
import { callOnce, callRepeatedly, type Session } from "./session.ts";
import { cancelUpload, nextLocation, startUpload, type UploadPlace } from "./upload-place.ts";

/** Content that a registry has taken under no name yet. */
export interface StreamedUpload {
  /** Makes it the blob of that digest. Throws when the registry has other bytes, or forgot them: then push the blob. */
  commit(descriptor: Descriptor, options?: ContentOptions): Promise<void>;
  /** Gives it up. */
  cancel(): Promise<void>;
}

/**
 * Sends content whose digest is known at its end, while it is made: one PATCH without a range, as Docker pushes, then PUT (OCI
 * distribution-spec 1.1, "Pushing blobs"). Nothing of it is repeated: whoever keeps the content can push it when this fails.
 */
export async function streamUpload(
  session: Session,
  content: AsyncIterable<Uint8Array>,
  options: ContentOptions,
): Promise<StreamedUpload> {
  const leave = await session.transfers.enter(options.signal);
  try {
    const begun = await startUpload(session, unnamed, options);
    const place = await send(session, begun, { ...options, content });
    return {
      commit: (descriptor, more = {}) => commit(session, place, { ...more, descriptor }),
      cancel: () => cancelUpload(session, place, {}),
    };
  } finally {
    leave();
  }
}

const unnamed = { digest: "of a layer in the making" as Descriptor["digest"], mediaType: "", size: 0 };
const octets = { "content-type": "application/octet-stream" };

async function send(
  session: Session,
  place: UploadPlace,
  { content, signal }: ContentOptions & { readonly content: AsyncIterable<Uint8Array> },
): Promise<UploadPlace> {
  const reply = await callOnce(session, {
    ...(signal && { signal }),
    method: "PATCH",
    at: place.at,
    doing: "push a layer in the making",
    access: "push",
    accept: [202, 204],
    body: content,
    headers: octets,
  });
  await reply.drop();
  return { ...place, at: nextLocation(session, reply, place) };
}

async function commit(
  session: Session,
  place: UploadPlace,
  { descriptor, signal }: ContentOptions & { readonly descriptor: Descriptor },
): Promise<void> {
  const at = new URL(place.at);
  at.searchParams.set("digest", descriptor.digest);
  const reply = await callRepeatedly(session, {
    ...(signal && { signal }),
    method: "PUT",
    at,
    doing: `push blob ${descriptor.digest}`,
    access: "push",
    accept: [201, 204],
    body: "",
    headers: { ...octets, "content-length": "0" },
  });
  await reply.drop();
  session.absent.delete(descriptor.digest);
}
