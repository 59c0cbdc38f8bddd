import {
  type Descriptor,
  digestAlgorithm,
  type Fetcher,
  galleyError,
  type ImageManifest,
  isLayerType,
  type LayerCompression,
  layerCompression,
} from "@galley/spec";
import type { OverlayContent } from "../content/overlay-content.ts";
import { inParallel } from "../copy/in-parallel.ts";
import { defaultConcurrency } from "../limits.ts";
import type { ConvertImageOptions } from "./convert-image.ts";
import { familyTypes, isForeignLayer, layerTypeIn, type MediaFamily } from "./media-family.ts";
import { recompressLayer } from "./recompress-layer.ts";

/** A conversion under way. */
export interface Conversion {
  readonly from: Fetcher;
  readonly into: OverlayContent;
  readonly options: ConvertImageOptions;
  /** What could not be kept, told for people. */
  readonly lost: Set<string>;
  /** Layers done already, by the digest they had: several manifests of an index may share them. */
  readonly done: Map<string, Descriptor>;
}

/** A manifest as it was read. */
export interface ReadManifest {
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly bytes: Uint8Array;
}

/** Converts a manifest; the same descriptor comes back when nothing is to change. */
export async function convertManifest(work: Conversion, read: ReadManifest, family: MediaFamily): Promise<Descriptor> {
  const { descriptor, manifest, bytes } = read;
  if (!isImageManifest(manifest)) return keepArtifact(read, family);
  const types = familyTypes[family];
  await recompressAll(work, manifest.layers);
  const layers = manifest.layers.map((layer) => convertLayer(work, layer, family));
  const configType = work.options.to === undefined ? manifest.config.mediaType : types.config;
  const config = changed(manifest.config, { ...manifest.config, mediaType: configType });
  const same = config === manifest.config && layers.every((layer, index) => layer === manifest.layers[index]);
  if (same && descriptor.mediaType === types.manifest) return descriptor;
  const members = family === "oci" ? JSON.parse(Buffer.from(bytes).toString()) : dockerMembers(work, manifest);
  const parts = family === "oci" ? { config, layers } : { config: bare(config), layers: layers.map(bare) };
  const value = { ...members, schemaVersion: 2, mediaType: types.manifest, ...parts };
  const { data: _, ...rest } = descriptor;
  return { ...rest, ...work.into.addJson(types.manifest, value, digestAlgorithm(descriptor.digest)) };
}

/** Whether a manifest is an image's, not an artifact's. */
export function isImageManifest({ config, layers }: ImageManifest): boolean {
  const configs: readonly string[] = [familyTypes.oci.config, familyTypes.schema2.config];
  return configs.includes(config.mediaType) && layers.every(({ mediaType }) => isLayerType(mediaType));
}

function keepArtifact({ descriptor, manifest }: ReadManifest, family: MediaFamily): Descriptor {
  if (family === "oci") return descriptor;
  const type = manifest.artifactType ?? manifest.config.mediaType;
  throw galleyError(
    "unsupported",
    "image.artifact-schema2",
    `${descriptor.digest} is an artifact of type ${type}, which Docker's schema 2 cannot say`,
    { details: { digest: descriptor.digest, type } },
  );
}

async function recompressAll(work: Conversion, layers: readonly Descriptor[]): Promise<void> {
  const { compression, level, spool, signal } = work.options;
  if (compression === undefined) return;
  const waiting = new Map(layers.filter((each) => isToCompress(work, each)).map((each) => [each.digest, each]));
  await inParallel([...waiting.values()], work.options.concurrency ?? defaultConcurrency, {
    signal,
    run: async (layer, stop) => {
      const known = await work.options.made?.(layer);
      const made = known ?? (await recompressLayer(layer, work, { compression, level, spool, signal: stop }));
      work.done.set(layer.digest, withoutContents(made));
      if (!known) work.options.onLayer?.({ before: layer, after: made });
    },
  });
}

function isToCompress({ options, done }: Conversion, { mediaType, digest }: Descriptor): boolean {
  if (isForeignLayer(mediaType) || done.has(digest)) return false;
  return options.forceCompression === true || layerCompression(mediaType) !== options.compression;
}

function convertLayer(work: Conversion, layer: Descriptor, family: MediaFamily): Descriptor {
  const made = work.done.get(layer.digest);
  if (!made && work.options.to === undefined) return layer;
  const compression: LayerCompression | undefined = made ? work.options.compression : layerCompression(layer.mediaType);
  const mediaType = layerTypeIn(family, layer.mediaType, compression);
  return changed(layer, { ...(made ?? layer), mediaType });
}

function changed(before: Descriptor, after: Descriptor): Descriptor {
  return before.digest === after.digest && before.mediaType === after.mediaType ? before : after;
}

/** Annotations with which formats that can be read from the middle say where things are in the compressed bytes. */
const contentsAnnotation =
  /^io\.github\.containers\.zstd-chunked\.|^containerd\.io\/snapshot\/stargz\/|^io\.containers\.estargz\./;

function withoutContents({ annotations, data: _, ...layer }: Descriptor): Descriptor {
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !contentsAnnotation.test(name));
  return kept.length === 0 ? layer : { ...layer, annotations: Object.fromEntries(kept) };
}

/** What a descriptor may have in schema 2. */
function bare({ mediaType, size, digest, urls }: Descriptor): Descriptor {
  return { mediaType, size, digest, ...(urls ? { urls } : {}) };
}

/** Schema 2 has no other members; notes what goes. */
function dockerMembers(
  work: Conversion,
  { annotations, subject, artifactType, config, layers }: ImageManifest,
): object {
  lose(work, "annotations of the manifest", annotations && Object.keys(annotations).length > 0);
  lose(
    work,
    "annotations of layers",
    [config, ...layers].some((each) => Object.keys(each.annotations ?? {}).length > 0),
  );
  lose(work, "the subject", subject);
  lose(work, "the artifact type", artifactType);
  return {};
}

/** Notes what schema 2 cannot say; throws unsupported `image.schema2-loss` unless losing it was allowed. */
export function lose({ options, lost }: Conversion, what: string, is: unknown): void {
  if (!is) return;
  lost.add(what);
  if (options.lossy) return;
  throw galleyError("unsupported", "image.schema2-loss", `Docker's schema 2 cannot hold ${what} of the image`, {
    details: { what },
  });
}
