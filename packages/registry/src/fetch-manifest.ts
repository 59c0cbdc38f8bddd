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
import { type Call, callForBody, callRepeatedly, corrupt, type Session, type WholeReply } from "./session.ts";

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
  const mediaType = mediaTypeOf(session, reply, name);
  const expected = isDigest(name) ? name : promised(reply);
  const digest = digestOf(bytes, expected && digestAlgorithm(expected));
  if (expected !== undefined && digest !== expected) {
    throw corrupt(session, "digest-mismatch", `manifest ${name} should be ${expected} but is ${digest}`);
  }
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
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
function mediaTypeOf(session: Session, reply: WholeReply, name: string): string {
  const said = contentType(reply);
  const document = documentOf(reply.body);
  if (!document)
    throw corrupt(
      session,
      "not-a-manifest",
      `what came for manifest ${name} is none, it is ${said || "something else"}`,
    );
  const own = typeof document["mediaType"] === "string" ? document["mediaType"] : undefined;
  // One document must not be an index for one reader and a manifest for another.
  if (own !== undefined && isKnown(own) && isKnown(said) && isIndexType(own) !== isIndexType(said)) {
    throw corrupt(session, "media-type-mismatch", `manifest ${name} came as ${said} but says that it is ${own}`);
  }
  if (isKnown(said)) return said;
  return own ?? ("manifests" in document ? mediaTypes.imageIndex : said || mediaTypes.imageManifest);
}

function documentOf(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof document === "object" && document !== null && !Array.isArray(document) ? { ...document } : undefined;
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
