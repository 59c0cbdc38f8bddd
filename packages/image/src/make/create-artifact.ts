import {
  type ContentOptions,
  type Descriptor,
  emptyDescriptor,
  type Fetcher,
  galleyError,
  type ImageManifest,
  mediaTypes,
} from "@galley/spec";
import { skipBytes } from "../archive/skip-bytes.ts";
import { measured } from "../content/measured.ts";
import { onlySignal } from "../content/only-signal.ts";
import { type OverlayContent, overlayContent } from "../content/overlay-content.ts";
import { readDocument } from "../view/read-document.ts";

/** A file of an artifact. */
export interface ArtifactFile {
  /** Its name, for those who extract it: `org.opencontainers.image.title`. A path that stays inside. */
  readonly title?: string | undefined;
  /** application/octet-stream when left out. */
  readonly mediaType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** The bytes; a function gives them from the first one on, each time it is called; a descriptor's are somewhere already. */
  readonly content: Uint8Array | string | (() => AsyncIterable<Uint8Array>) | Descriptor;
}

/** What an artifact is made of. */
export interface CreateArtifactOptions extends ContentOptions {
  /** Its media type; required unless `config` or what is appended to has one. */
  readonly artifactType?: string | undefined;
  readonly files: readonly ArtifactFile[];
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** The manifest that it is about. */
  readonly subject?: Descriptor | undefined;
  /** Left out, it has the empty one. */
  readonly config?: { readonly mediaType: string; readonly content: Uint8Array | string } | undefined;
  /** An artifact whose files come first, and whose type, configuration, subject and annotations stay where none are given. */
  readonly append?: { readonly root: Descriptor; readonly from: Fetcher } | undefined;
}

/** An artifact, ready for `copyImage(descriptor, content, to)`. */
export interface CreatedArtifact {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  /** Manifest, configuration and files; behind them what was appended to. */
  readonly content: Fetcher;
}

/**
 * Makes an OCI artifact (image-spec 1.1, manifest.md "Guidelines for Artifact Usage"): any files under a manifest. Large files
 * are read once for their digests and again when they are copied. The same files give the same bytes.
 *
 * @throws invalid image.artifact-type, image.artifact-title; conflict image.artifact-title for one that comes twice
 *
 * @example
 * const { descriptor, content } = await createArtifact({
 *   artifactType: "application/vnd.example.sbom",
 *   files: [{ title: "sbom.json", mediaType: "application/json", content: text }],
 * });
 */
export async function createArtifact(options: CreateArtifactOptions): Promise<CreatedArtifact> {
  const base = await readBase(options);
  const content = overlayContent(options.append?.from);
  const kept = (base?.layers ?? []).filter(({ mediaType }) => mediaType !== mediaTypes.empty);
  const added: Descriptor[] = [];
  for (const file of options.files) added.push(await addFile(content, file));
  checkTitles([...kept, ...added]);
  const empty = () => {
    content.add(mediaTypes.empty, Buffer.from("{}"));
    return emptyDescriptor;
  };
  const { config } = options;
  const configDescriptor = config ? content.add(config.mediaType, bytesOf(config.content)) : (base?.config ?? empty());
  const layers = kept.length + added.length > 0 ? [...kept, ...added] : [empty()];
  const artifactType = typeOf(options, base, configDescriptor);
  const manifest = withoutUndefined({
    schemaVersion: 2 as const,
    mediaType: mediaTypes.imageManifest,
    artifactType,
    config: configDescriptor,
    layers,
    subject: options.subject ?? base?.subject,
    annotations:
      options.annotations || base?.annotations ? { ...base?.annotations, ...options.annotations } : undefined,
  });
  const descriptor = content.addJson(mediaTypes.imageManifest, manifest);
  return { descriptor: { ...descriptor, artifactType: artifactType ?? configDescriptor.mediaType }, manifest, content };
}

async function readBase({ append, signal }: CreateArtifactOptions): Promise<ImageManifest | undefined> {
  if (!append) return undefined;
  const document = await readDocument(append.from, append.root, onlySignal({ signal }));
  if (document.type === "manifest") return document.manifest;
  throw galleyError(
    "invalid",
    "image.artifact-append",
    `${append.root.digest} is an index, to which no file can be added`,
  );
}

async function addFile(into: OverlayContent, file: ArtifactFile): Promise<Descriptor> {
  const { title, mediaType = "application/octet-stream", content } = file;
  const annotations = { ...file.annotations, ...(title === undefined ? {} : { [titleAnnotation]: title }) };
  const more = Object.keys(annotations).length > 0 ? { annotations } : {};
  if (typeof content === "object" && !(content instanceof Uint8Array)) {
    const { digest, size } = content;
    return { mediaType: file.mediaType ?? content.mediaType, digest, size, ...more };
  }
  if (typeof content !== "function") return { ...into.add(mediaType, bytesOf(content)), ...more };
  const passed = measured(content());
  for await (const _ of passed.content);
  const digest = passed.digest();
  into.addSource(digest, async (offsetBytes) => skipBytes(content(), offsetBytes));
  return { mediaType, digest, size: passed.sizeBytes(), ...more };
}

const titleAnnotation = "org.opencontainers.image.title";

/** Titles become file names when somebody extracts: they stay inside and differ. */
function checkTitles(files: readonly Descriptor[]): void {
  const seen = new Set<string>();
  for (const { annotations } of files) {
    const title = annotations?.[titleAnnotation];
    if (title === undefined) continue;
    if (title.split("/").some((part) => part === "" || part === "." || part === "..") || title.includes("\0"))
      throw galleyError(
        "invalid",
        "image.artifact-title",
        `not a name for a file of an artifact: ${JSON.stringify(title)}`,
      );
    if (seen.has(title))
      throw galleyError("conflict", "image.artifact-title", `the artifact has two files ${JSON.stringify(title)}`);
    seen.add(title);
  }
}

/** RFC 6838, 4.2. */
const mediaTypePattern = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

/** The empty configuration says nothing, so the manifest must (manifest.md "artifactType"). */
function typeOf(
  { artifactType }: CreateArtifactOptions,
  base: ImageManifest | undefined,
  config: Descriptor,
): string | undefined {
  const type = artifactType ?? base?.artifactType;
  if (type === undefined && config.mediaType !== mediaTypes.empty) return undefined;
  if (type !== undefined && mediaTypePattern.test(type)) return type;
  const message = type === undefined ? "an artifact needs a type" : `not a media type: ${JSON.stringify(type)}`;
  throw galleyError("invalid", "image.artifact-type", message);
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function withoutUndefined(manifest: { [Key in keyof ImageManifest]: ImageManifest[Key] | undefined }): ImageManifest {
  return Object.fromEntries(Object.entries(manifest).filter(([, member]) => member !== undefined)) as ImageManifest;
}
