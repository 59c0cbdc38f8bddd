import { type Descriptor, digestAlgorithm, galleyError, type ImageIndex, type Platform } from "@galley/spec";
import { maxIndexDepth } from "../limits.ts";
import { readConfig, readDocument } from "../view/read-document.ts";
import { type Conversion, convertManifest, isImageManifest, lose } from "./convert-manifest.ts";
import { familyOf, familyTypes, type MediaFamily } from "./media-family.ts";

/** Which image an attestation of BuildKit's is about. */
const aboutAnnotation = "vnd.docker.reference.digest";

/** Converts a manifest, or an index with all that is in it. */
export async function convertDocument(work: Conversion, descriptor: Descriptor, depth = 0): Promise<Descriptor> {
  if (depth > maxIndexDepth)
    throw galleyError("unsupported", "image.index-depth", `an index of indexes is more than ${maxIndexDepth} deep`);
  const document = await readDocument(work.from, descriptor, work.options);
  const family = work.options.to ?? familyOf(descriptor.mediaType);
  if (document.type === "manifest") return convertManifest(work, { descriptor, ...document }, family);
  const manifests = await convertMembers(work, document.index, depth);
  const { manifests: before } = document.index;
  const same = manifests.length === before.length && manifests.every((each, index) => each === before[index]);
  if (same && descriptor.mediaType === familyTypes[family].index) return descriptor;
  const value = indexValue(work, { ...document, family, manifests });
  const { data: _, ...rest } = descriptor;
  return { ...rest, ...work.into.addJson(familyTypes[family].index, value, digestAlgorithm(descriptor.digest)) };
}

async function convertMembers(work: Conversion, index: ImageIndex, depth: number): Promise<Descriptor[]> {
  const after = new Map<string, string>();
  const made: Descriptor[] = [];
  for (const member of index.manifests) {
    if (await isDropped(work, member)) continue;
    const converted = await convertDocument(work, member, depth + 1);
    after.set(member.digest, converted.digest);
    made.push(work.options.to === "schema2" ? await listEntry(work, converted) : converted);
  }
  return made.map((member) => pointingAnew(member, after));
}

/** In a Docker list there are images only. */
async function isDropped(work: Conversion, member: Descriptor): Promise<boolean> {
  if (work.options.to !== "schema2") return false;
  const document = await readDocument(work.from, member, work.options);
  if (document.type === "index" || isImageManifest(document.manifest)) return false;
  lose(work, "attestations and other artifacts", true);
  return true;
}

/** An entry of a Docker list names its platform and has no annotations. */
async function listEntry(work: Conversion, descriptor: Descriptor): Promise<Descriptor> {
  const { mediaType, size, digest, platform, annotations, ...others } = descriptor;
  if (platform && !annotations && Object.keys(others).length === 0) return descriptor;
  lose(work, "annotations of the index", annotations && Object.keys(annotations).length > 0);
  return { mediaType, size, digest, platform: platform ?? (await platformFrom(work, descriptor)) };
}

async function platformFrom({ into, options }: Conversion, descriptor: Descriptor): Promise<Platform> {
  const document = await readDocument(into, descriptor, options);
  if (document.type === "index")
    throw galleyError("unsupported", "image.nested-list", "a Docker manifest list cannot be in another one");
  const { os, architecture, variant } = await readConfig(into, document.manifest.config, options);
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function pointingAnew(member: Descriptor, after: ReadonlyMap<string, string>): Descriptor {
  const about = member.annotations?.[aboutAnnotation];
  const now = about === undefined ? undefined : after.get(about);
  if (now === undefined || now === about) return member;
  return { ...member, annotations: { ...member.annotations, [aboutAnnotation]: now } };
}

function indexValue(
  work: Conversion,
  made: {
    readonly index: ImageIndex;
    readonly bytes: Uint8Array;
    readonly family: MediaFamily;
    readonly manifests: readonly Descriptor[];
  },
): object {
  const { index, bytes, family, manifests } = made;
  const common = { schemaVersion: 2, mediaType: familyTypes[family].index };
  if (family === "oci") return { ...JSON.parse(Buffer.from(bytes).toString()), ...common, manifests };
  lose(work, "annotations of the index", index.annotations && Object.keys(index.annotations).length > 0);
  lose(work, "the subject", index.subject);
  lose(work, "the artifact type", index.artifactType);
  return { ...common, manifests };
}
