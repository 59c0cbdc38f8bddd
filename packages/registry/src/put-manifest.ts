import { type ContentOptions, type Descriptor, isDigest } from "@galley/spec";
import { callRepeatedly, corrupt, type Session } from "./session.ts";

interface ManifestBytes extends ContentOptions {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/**
 * Puts a manifest under a tag or its digest. `subjectKept` says whether the registry has noted what it refers to, and
 * will list it as a referrer (OCI distribution-spec 1.1, "Pushing Manifests with Subject").
 */
export async function putManifest(
  session: Session,
  name: string,
  { descriptor, bytes, signal }: ManifestBytes,
): Promise<{ readonly subjectKept: boolean }> {
  const reply = await callRepeatedly(session, {
    ...(signal && { signal }),
    method: "PUT",
    at: `manifests/${name}`,
    doing: `push manifest ${name}`,
    access: "push",
    accept: [200, 201, 202],
    body: bytes,
    headers: { "content-type": descriptor.mediaType },
  });
  await reply.drop();
  const kept = reply.header("docker-content-digest") ?? "";
  if (isDigest(kept) && kept.split(":")[0] === descriptor.digest.split(":")[0] && kept !== descriptor.digest) {
    throw corrupt(session, "digest-mismatch", `the registry has stored manifest ${descriptor.digest} as ${kept}`);
  }
  return { subjectKept: reply.header("oci-subject") !== undefined };
}
