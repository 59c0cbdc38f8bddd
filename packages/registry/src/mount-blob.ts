import type { ContentOptions, Descriptor } from "@galley/spec";
import { maxMountCandidates } from "./limits.ts";
import { callRepeatedly, type Session } from "./session.ts";
import { begunPlace, cancelUpload, type UploadPlace } from "./upload-place.ts";

/**
 * Asks for a blob of another repository of the registry. `mounted`, or the upload that the registry has begun instead
 * (OCI distribution-spec 1.1, "Mounting a blob from another repository"), or undefined when it does neither.
 */
async function askToMount(
  session: Session,
  { digest }: Descriptor,
  { from, signal }: ContentOptions & { readonly from: string },
): Promise<"mounted" | UploadPlace | undefined> {
  const reply = await callRepeatedly(session, {
    ...(signal && { signal }),
    method: "POST",
    at: `blobs/uploads/?${new URLSearchParams({ mount: digest, from })}`,
    doing: `mount blob ${digest} from ${from}`,
    access: "push",
    alsoPull: from,
    // Whoever may not read the other repository may still push to this one.
    accept: [201, 202, 400, 401, 403, 404, 405],
    headers: { "content-length": "0" },
  });
  await reply.drop();
  if (reply.status === 201) session.absent.delete(digest);
  if (reply.status === 201) return "mounted";
  return reply.status === 202 ? begunPlace(session, reply) : undefined;
}

/** Makes a blob of another repository of the registry visible in this one; false when the registry does not. */
export async function mountBlob(
  session: Session,
  descriptor: Descriptor,
  options: ContentOptions & { readonly from: string },
): Promise<boolean> {
  const answer = await askToMount(session, descriptor, options);
  if (answer !== "mounted" && answer) await cancelUpload(session, answer, options);
  return answer === "mounted";
}

/** Tries the likely repositories in turn. Instead of a mount there may be an upload, begun by the way. */
export async function mountFromCandidates(
  session: Session,
  descriptor: Descriptor,
  { candidates, ...options }: ContentOptions & { readonly candidates: readonly string[] },
): Promise<"mounted" | UploadPlace | undefined> {
  let begun: UploadPlace | undefined;
  for (const from of candidates.filter((each) => each !== session.repository).slice(0, maxMountCandidates)) {
    if (begun) await cancelUpload(session, begun, options);
    const answer = await askToMount(session, descriptor, { ...options, from });
    if (answer === "mounted") return answer;
    begun = answer;
  }
  return begun;
}
