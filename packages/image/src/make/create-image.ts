import {
  createDigester,
  type Descriptor,
  type Digest,
  digestOf,
  type ExecutionConfig,
  mediaTypes,
  type Platform,
  platformOf,
} from "@galley/spec";
import { compress } from "../compression/compress.ts";
import type { Compression } from "../compression/decompress.ts";
import { measured } from "../content/measured.ts";
import { type MemoryContent, memoryContent } from "../content/memory-content.ts";

/** One layer of an image to make. */
export interface ImageLayerInput {
  /** The uncompressed archive, see `createLayer`. */
  readonly tar: AsyncIterable<Uint8Array> | Uint8Array;
  /** gzip when left out. */
  readonly compression?: Compression | undefined;
}

/** What an image is made of. */
export interface CreateImageOptions {
  /** Lowest first. */
  readonly layers: readonly ImageLayerInput[];
  readonly config?: ExecutionConfig | undefined;
  /** This machine's for Linux when left out. */
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** RFC 3339; left out, the image is the same every time. */
  readonly created?: string | undefined;
  /** Docker's schema 2 instead of OCI. */
  readonly docker?: boolean | undefined;
}

/** An image in memory, ready for `copyImage(image.descriptor, image.content, to)`. */
export interface CreatedImage {
  readonly descriptor: Descriptor;
  readonly configDescriptor: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly content: MemoryContent;
}

/**
 * Makes an image in memory.
 *
 * @example
 * const { descriptor, content } = await createImage({ layers: [{ tar }], config: { Cmd: ["/bin/hello"] } });
 */
export async function createImage(options: CreateImageOptions): Promise<CreatedImage> {
  const content = memoryContent();
  const types = options.docker ? dockerTypes : ociTypes;
  const made: { descriptor: Descriptor; diffId: Digest }[] = [];
  for (const layer of options.layers) made.push(await addLayer(content, layer, types));
  const diffIds = made.map(({ diffId }) => diffId);
  const layers = made.map(({ descriptor }) => descriptor);
  const platform = options.platform ?? platformOf(process.arch);
  const configDescriptor = await addDocument(content, types.config, configOf(options, platform, diffIds));
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: configDescriptor,
    layers,
    annotations: options.annotations,
  };
  const descriptor = { ...(await addDocument(content, types.manifest, manifest)), platform };
  return { descriptor, configDescriptor, layers, content };
}

interface Types {
  readonly manifest: string;
  readonly config: string;
  readonly layer: Readonly<Record<Compression, string>>;
}

const ociTypes: Types = {
  manifest: mediaTypes.imageManifest,
  config: mediaTypes.imageConfig,
  layer: { none: mediaTypes.layerTar, gzip: mediaTypes.layerTarGzip, zstd: mediaTypes.layerTarZstd },
};

const dockerTypes: Types = {
  manifest: mediaTypes.dockerManifest,
  config: mediaTypes.dockerConfig,
  layer: { none: mediaTypes.dockerLayerTar, gzip: mediaTypes.dockerLayerTarGzip, zstd: mediaTypes.dockerLayerTarZstd },
};

async function addLayer(content: MemoryContent, { tar, compression = "gzip" }: ImageLayerInput, types: Types) {
  const plain = measured(tar instanceof Uint8Array ? once(tar) : tar);
  const digester = createDigester();
  const chunks: Uint8Array[] = [];
  for await (const chunk of compress(plain.content, { compression })) {
    digester.update(chunk);
    chunks.push(chunk);
  }
  const blob = Buffer.concat(chunks);
  const descriptor = { mediaType: types.layer[compression], digest: digester.digest(), size: blob.length };
  await content.push(descriptor, once(blob));
  return { descriptor, diffId: plain.digest() };
}

function configOf(options: CreateImageOptions, platform: Platform, diffIds: readonly Digest[]) {
  return {
    ...platform,
    created: options.created,
    config: options.config ?? {},
    rootfs: { type: "layers", diff_ids: diffIds },
  };
}

async function addDocument(content: MemoryContent, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await content.push(descriptor, once(bytes));
  return descriptor;
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
