import { type ContentOptions, type Descriptor, galleyError } from "@galley/spec";
import { fetchManifest } from "./fetch-manifest.ts";
import { maxManifestBytes } from "./limits.ts";
import { callRepeatedly, type Session } from "./session.ts";
import { verified } from "./verified.ts";

interface ManifestContent extends ContentOptions {
  readonly content: AsyncIterable<Uint8Array>;
}

/** Uploads a manifest under its digest. What it refers to is there before. */
export async function pushManifest(
  session: Session,
  descriptor: Descriptor,
  { content, ...options }: ManifestContent,
): Promise<void> {
  const { digest, mediaType, size } = descriptor;
  if (size > maxManifestBytes) {
    throw galleyError("invalid", "registry.too-large", `push manifest ${digest}: more than ${maxManifestBytes} bytes`);
  }
  const parts: Uint8Array[] = [];
  for await (const bytes of verified(descriptor, content)) parts.push(bytes);
  await putManifest(session, digest, { ...options, mediaType, bytes: Buffer.concat(parts) });
}

/** Gives a manifest that is there a tag, moving the tag when it is taken. */
export async function tagManifest(
  session: Session,
  tag: string,
  { descriptor, ...options }: ContentOptions & { readonly descriptor: Descriptor },
): Promise<void> {
  const { bytes } = await fetchManifest(session, descriptor.digest, options);
  await putManifest(session, tag, { ...options, mediaType: descriptor.mediaType, bytes });
}

interface ManifestBytes extends ContentOptions {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

async function putManifest(session: Session, name: string, { mediaType, bytes, signal }: ManifestBytes): Promise<void> {
  const reply = await callRepeatedly(session, {
    ...(signal && { signal }),
    method: "PUT",
    at: `manifests/${name}`,
    doing: `push manifest ${name}`,
    access: "push",
    accept: [200, 201, 202],
    body: bytes,
    headers: { "content-type": mediaType },
  });
  await reply.drop();
}
