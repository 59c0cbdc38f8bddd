import {
  type Descriptor,
  type Digest,
  type DigestAlgorithm,
  digestOf,
  galleyError,
  type ImageIndex,
  type Platform,
} from "@galley/spec";
import { type FamilyTypes, familyOf, familyTypes, type MediaFamily } from "../convert/media-family.ts";
import { isDocumentType, sniffDocumentType } from "../view/document-type.ts";

/** Pairs to set; those that are undefined are removed. */
export type PairEdits = Readonly<Record<string, string | undefined>>;

/** A change of an index. */
export type IndexEdit =
  /** Adds manifests at the end; one that is there already is replaced where it is. See `indexMembers`. */
  | { readonly type: "add"; readonly manifests: readonly Descriptor[] }
  | { readonly type: "remove"; readonly digest: Digest }
  /** Changes what the index says about one manifest. Of the platform the members that are given. */
  | {
      readonly type: "annotate";
      readonly digest: Digest;
      readonly platform?: Partial<Platform> | undefined;
      readonly annotations?: PairEdits | undefined;
      readonly artifactType?: string | undefined;
    }
  /** Changes what it says about itself. */
  | {
      readonly type: "describe";
      readonly annotations?: PairEdits | undefined;
      readonly artifactType?: string | undefined;
      readonly subject?: Descriptor | undefined;
    };

/** A document and its descriptor. */
export interface MadeDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** What an index is made of. */
export interface CreateIndexOptions {
  /** An OCI index or a Docker manifest list; OCI when left out. */
  readonly family?: MediaFamily | undefined;
  readonly manifests?: readonly Descriptor[] | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly artifactType?: string | undefined;
  readonly subject?: Descriptor | undefined;
  /** Of its digest; sha256 when left out. */
  readonly algorithm?: DigestAlgorithm | undefined;
}

/**
 * Makes an OCI index (image-index.md) or a Docker manifest list. The same parts give the same bytes.
 *
 * @throws invalid image.docker-list for what a Docker list cannot hold, image.index-member for what is no manifest
 *
 * @example
 * const { descriptor, bytes } = createIndex({ manifests: [amd64.descriptor, arm64.descriptor] });
 */
export function createIndex(options: CreateIndexOptions = {}): MadeDocument {
  const { family = "oci", algorithm, ...members } = options;
  return made({ ...members, schemaVersion: 2, manifests: [...(members.manifests ?? [])] }, family, algorithm);
}

/**
 * Changes an index or a Docker list, in the order of the edits. Members that we do not know stay. An OCI index may name Docker's
 * manifests; a Docker list names nothing but those, and has no annotations.
 *
 * @throws not-found image.not-in-index; invalid image.docker-list, image.index-member; corrupt spec.bad-document
 *
 * @example
 * const { descriptor, bytes } = await editIndex(old, [
 *   { type: "add", manifests: await indexMembers(root, registry) },
 *   { type: "annotate", digest, platform: { variant: "v7" }, annotations: { note: "tried" } },
 * ]);
 */
export async function editIndex(
  bytes: Uint8Array,
  edits: readonly IndexEdit[],
  options: { readonly algorithm?: DigestAlgorithm | undefined } = {},
): Promise<MadeDocument> {
  const { parseImageIndex } = await import("@galley/spec/schemas");
  const { manifests } = parseImageIndex(bytes);
  const raw = JSON.parse(Buffer.from(bytes).toString()) as object;
  const start: IndexValue = { ...raw, schemaVersion: 2, manifests };
  return made(edits.reduce(edited, start), familyOf(sniffDocumentType(bytes)), options.algorithm);
}

interface IndexValue {
  readonly schemaVersion: 2;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: ImageIndex["annotations"] | undefined;
  readonly artifactType?: string | undefined;
  readonly subject?: Descriptor | undefined;
}

function edited(index: IndexValue, edit: IndexEdit): IndexValue {
  const { manifests } = index;
  switch (edit.type) {
    case "add":
      return { ...index, manifests: edit.manifests.reduce(withMember, manifests) };
    case "remove":
      find(manifests, edit.digest);
      return { ...index, manifests: manifests.filter(({ digest }) => digest !== edit.digest) };
    case "annotate":
      return { ...index, manifests: withMember(manifests, annotated(find(manifests, edit.digest), edit)) };
    case "describe":
      return { ...index, ...described(index, edit) };
  }
}

function withMember(manifests: readonly Descriptor[], added: Descriptor): readonly Descriptor[] {
  const known = manifests.some(({ digest }) => digest === added.digest);
  return known ? manifests.map((each) => (each.digest === added.digest ? added : each)) : [...manifests, added];
}

function find(manifests: readonly Descriptor[], digest: Digest): Descriptor {
  const found = manifests.find((each) => each.digest === digest);
  if (found) return found;
  throw galleyError("not-found", "image.not-in-index", `no manifest ${digest} in the index`, { details: { digest } });
}

function annotated(member: Descriptor, edit: Extract<IndexEdit, { type: "annotate" }>): Descriptor {
  const platform = edit.platform
    ? { os: "linux", architecture: "", ...member.platform, ...edit.platform }
    : member.platform;
  return without({ ...member, ...(platform ? { platform } : {}), ...described(member, edit) });
}

interface Described {
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

function described(before: Described, edit: Omit<Extract<IndexEdit, { type: "describe" }>, "type">) {
  return {
    ...(edit.annotations ? { annotations: editedPairs(before.annotations, edit.annotations) } : {}),
    ...(edit.artifactType === undefined ? {} : { artifactType: edit.artifactType }),
    ...(edit.subject ? { subject: edit.subject } : {}),
  };
}

/** Pairs with some set and some removed; undefined when none is left. */
export function editedPairs(
  pairs: Readonly<Record<string, string>> | undefined,
  edits: PairEdits,
): Record<string, string> | undefined {
  const all = Object.entries({ ...pairs, ...edits }).filter((each): each is [string, string] => each[1] !== undefined);
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

/** JSON has no undefined. */
function without<Value extends object>(value: Value): Value & Descriptor {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value & Descriptor;
}

function made(index: IndexValue, family: MediaFamily, algorithm: DigestAlgorithm | undefined): MadeDocument {
  const types = familyTypes[family];
  check(index, family, types);
  const { schemaVersion, artifactType, manifests, subject, annotations, ...others } = index;
  const value = { schemaVersion, mediaType: types.index, artifactType, manifests, subject, annotations };
  const bytes = new TextEncoder().encode(JSON.stringify({ ...value, ...others, mediaType: types.index }));
  const descriptor = { mediaType: types.index, digest: digestOf(bytes, algorithm), size: bytes.length };
  return { descriptor: artifactType === undefined ? descriptor : { ...descriptor, artifactType }, bytes };
}

function check(index: IndexValue, family: MediaFamily, types: FamilyTypes): void {
  const strange = index.manifests.find(({ mediaType }) => !isDocumentType(mediaType));
  if (strange)
    throw galleyError("invalid", "image.index-member", `${strange.digest} is a ${strange.mediaType}, not a manifest`);
  if (family === "oci") return;
  if (index.annotations || index.artifactType || index.subject)
    throw badList("a Docker manifest list has no annotations, artifact type or subject");
  for (const { mediaType, platform, annotations, artifactType, digest } of index.manifests) {
    if (mediaType !== types.manifest) throw badList(`a Docker manifest list cannot hold ${digest}, a ${mediaType}`);
    if (!platform?.architecture) throw badList(`a Docker manifest list needs the platform of ${digest}`);
    if (annotations || artifactType) throw badList(`a Docker manifest list has no annotations, for ${digest} neither`);
  }
}

function badList(message: string) {
  return galleyError("invalid", "image.docker-list", message);
}
