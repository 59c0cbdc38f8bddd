import { type Descriptor, type Digest, digestOf, type Fetcher, galleyError, mediaTypes } from "@galley/spec";
import { type DecompressOptions, decompress, detectCompression } from "../compression/decompress.ts";
import { maxArchiveImages, maxArchiveLayers } from "../limits.ts";
import { type DockerArchiveEntry, parseDockerArchiveEntries } from "./docker-archive-entries.ts";
import type { ArchivedImage, ImageArchive } from "./image-archive.ts";
import { type NamedFiles, readSmallFile } from "./named-files.ts";
import { skipBytes } from "./skip-bytes.ts";

/** Options of `openArchive` and its kin. */
export interface DockerImagesOptions extends Pick<DecompressOptions, "maxExpansion" | "signal"> {
  /** In which family the manifests are written that these archives do not have; Docker's when left out. */
  readonly manifests?: "oci" | "schema2" | undefined;
}

/** What stands behind a digest. */
type Source =
  | { readonly bytes: Uint8Array }
  | { readonly name: string }
  | { readonly name: string; readonly compressed: true };

/**
 * The images of `docker save`'s archive. It has configurations and uncompressed layers but no manifests: those are made, the
 * same every time, with each layer under its diff id. Layers that some tools compress are given uncompressed.
 */
export async function openDockerImages(files: NamedFiles, options: DockerImagesOptions): Promise<ImageArchive> {
  const bytes = await readSmallFile(files, "manifest.json");
  const entries = parseDockerArchiveEntries(bytes);
  checkCounts(entries);
  const work: Work = { files, options, sources: new Map(), sizes: new Map() };
  const images = new Map<string, { root: Descriptor; references: string[] }>();
  for (const entry of entries) {
    const root = await addImage(work, entry);
    const image = images.get(root.digest) ?? { root, references: [] };
    image.references.push(...entry.repoTags.filter((tag) => !image.references.includes(tag)));
    images.set(root.digest, image);
  }
  const list: readonly ArchivedImage[] = [...images.values()];
  return { format: "docker-archive", images: list, fetch: fetchFrom(work) };
}

interface Work {
  readonly files: NamedFiles;
  readonly options: DockerImagesOptions;
  readonly sources: Map<Digest, Source>;
  /** Of layers, uncompressed, by name. */
  readonly sizes: Map<string, { sizeBytes: number; compressed: boolean }>;
}

function checkCounts(entries: readonly DockerArchiveEntry[]): void {
  const layers = entries.reduce((sum, each) => sum + each.layers.length, 0);
  if (entries.length <= maxArchiveImages && layers <= maxArchiveLayers) return;
  const message = `the archive has ${entries.length} images with ${layers} layers, more than are read`;
  throw galleyError("unsupported", "image.too-large", message);
}

async function addImage(work: Work, entry: DockerArchiveEntry): Promise<Descriptor> {
  const types = work.options.manifests === "oci" ? oci : schema2;
  const bytes = await readSmallFile(work.files, entry.config);
  if (!bytes) throw missing(entry.config);
  const { parseImageConfig } = await import("@galley/spec/schemas");
  const { os, architecture, variant, rootfs } = parseImageConfig(bytes);
  const config = { mediaType: types.config, size: bytes.length, digest: digestOf(bytes) };
  work.sources.set(config.digest, { name: entry.config });
  const layers = await addLayers(work, entry, rootfs.diff_ids);
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config,
    layers: layers.map((layer) => ({ mediaType: types.layer, ...layer })),
  };
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const root = { mediaType: types.manifest, digest: digestOf(text), size: text.length };
  work.sources.set(root.digest, { bytes: text });
  return { ...root, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } };
}

const schema2 = {
  manifest: mediaTypes.dockerManifest,
  config: mediaTypes.dockerConfig,
  layer: mediaTypes.dockerLayerTar,
};
const oci = { manifest: mediaTypes.imageManifest, config: mediaTypes.imageConfig, layer: mediaTypes.layerTar };

async function addLayers(work: Work, { layers, config }: DockerArchiveEntry, diffIds: readonly Digest[]) {
  if (layers.length !== diffIds.length)
    throw galleyError(
      "corrupt",
      "image.layer-count",
      `${config} names ${diffIds.length} layers, the archive's manifest.json ${layers.length}`,
    );
  const added: { size: number; digest: Digest }[] = [];
  for (const [index, name] of layers.entries()) {
    const digest = diffIds[index] as Digest;
    const { sizeBytes, compressed } = await measure(work, name);
    if (!work.sources.has(digest)) work.sources.set(digest, compressed ? { name, compressed } : { name });
    added.push({ size: sizeBytes, digest });
  }
  return added;
}

/** The size of a layer without its compression, for which a compressed one is read through once. */
async function measure({ files, options, sizes }: Work, name: string) {
  const known = sizes.get(name);
  if (known) return known;
  const stored = await files.size(name);
  if (stored === undefined) throw missing(name);
  const compressed = detectCompression(await firstBytes(files, name, stored)) !== "none";
  let sizeBytes = compressed ? 0 : stored;
  if (compressed) for await (const chunk of decompress(files.read(name, 0), options)) sizeBytes += chunk.length;
  const measured = { sizeBytes, compressed };
  sizes.set(name, measured);
  return measured;
}

async function firstBytes(files: NamedFiles, name: string, sizeBytes: number): Promise<Uint8Array> {
  if (sizeBytes > 0) for await (const chunk of files.read(name, 0)) return chunk;
  return new Uint8Array();
}

function fetchFrom({ files, sources, options }: Work): Fetcher["fetch"] {
  return async ({ digest }, { offsetBytes = 0, signal } = {}) => {
    const source = sources.get(digest);
    if (!source) throw galleyError("not-found", "image.blob-unknown", `no blob ${digest} in the archive`);
    if ("bytes" in source) return once(source.bytes.subarray(offsetBytes));
    if (!("compressed" in source)) return files.read(source.name, offsetBytes);
    return skipBytes(decompress(files.read(source.name, 0), { ...options, signal }), offsetBytes);
  };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

function missing(name: string) {
  return galleyError(
    "corrupt",
    "image.no-entry",
    `the archive's manifest.json names ${JSON.stringify(name)}, which is not in it`,
  );
}
