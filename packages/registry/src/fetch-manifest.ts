import {
  type ContentOptions,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestOf,
  isDigest,
  isIndexType,
  isManifestType,
  mediaTypes,
} from "@galley/spec";
import type { Reply } from "./http.ts";
import { maxManifestBytes } from "./limits.ts";
import { type Call, callForBody, callRepeatedly, corrupt, type Session } from "./session.ts";

/** A manifest and what points to it; the digest is that of the bytes. */
export interface FetchedManifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

const accepted = [
  mediaTypes.imageIndex,
  mediaTypes.imageManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.dockerManifest,
  // Last: registries answer a client that does not take everything with what it never asked for.
  "*/*;q=0.1",
].join(", ");

/** A manifest by tag or digest; verified, when by digest. */
export async function fetchManifest(session: Session, name: string, options: ContentOptions): Promise<FetchedManifest> {
  const call = manifestCall(name, { ...options, method: "GET" });
  const reply = await callForBody(session, call, maxManifestBytes);
  const bytes = reply.body;
  const expected = isDigest(name) ? name : promised(reply);
  const digest = digestOf(bytes, expected && digestAlgorithm(expected));
  if (expected !== undefined && digest !== expected) {
    throw corrupt(session, "digest-mismatch", `manifest ${name} should be ${expected} but is ${digest}`);
  }
  return { descriptor: { mediaType: mediaTypeOf(reply, bytes), digest, size: bytes.byteLength }, bytes };
}

/**
 * The descriptor of a tag or digest. Asks without the content first; registries that do not say enough so are asked
 * for the content, and so is one that refuses, for its reasons.
 */
export async function resolveManifest(session: Session, name: string, options: ContentOptions): Promise<Descriptor> {
  const reply = await callRepeatedly(session, manifestCall(name, { ...options, method: "HEAD" }));
  await reply.drop();
  const described = reply.status === 200 ? describe(reply) : undefined;
  if (described && (!isDigest(name) || described.digest === name)) return described;
  return (await fetchManifest(session, name, options)).descriptor;
}

function manifestCall(name: string, options: ContentOptions & { readonly method: "GET" | "HEAD" }): Call {
  return {
    ...options,
    at: `manifests/${name}`,
    doing: `fetch manifest ${name}`,
    access: "pull",
    // An error without a body says little, so what a HEAD refuses is asked again with GET.
    accept: options.method === "HEAD" ? [200, 400, 401, 403, 404, 405] : [200],
    headers: { accept: accepted },
  };
}

function promised(reply: Reply): Digest | undefined {
  const digest = reply.header("docker-content-digest") ?? "";
  return isDigest(digest) ? digest : undefined;
}

function describe(reply: Reply): Descriptor | undefined {
  const digest = promised(reply);
  const mediaType = contentType(reply);
  const size = Number(reply.header("content-length") ?? Number.NaN);
  const usable = digest && isKnown(mediaType) && size > 0 && size <= maxManifestBytes;
  return usable ? { mediaType, digest, size } : undefined;
}

/** Some registries say "text/plain"; the manifest itself then knows better. */
function mediaTypeOf(reply: Reply, bytes: Uint8Array): string {
  const said = contentType(reply);
  return isKnown(said) ? said : (ownMediaType(bytes) ?? (said || mediaTypes.imageManifest));
}

function ownMediaType(bytes: Uint8Array): string | undefined {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof document !== "object" || document === null) return undefined;
    if ("mediaType" in document && typeof document.mediaType === "string") return document.mediaType;
    return "manifests" in document ? mediaTypes.imageIndex : undefined;
  } catch {
    return undefined;
  }
}

function contentType(reply: Reply): string {
  return (reply.header("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function isKnown(mediaType: string): boolean {
  return isManifestType(mediaType) || isIndexType(mediaType);
}
