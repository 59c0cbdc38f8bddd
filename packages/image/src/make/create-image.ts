import {
  createDigester,
  type Descriptor,
  type Digest,
  type DigestAlgorithm,
  digestOf,
  type ExecutionConfig,
  type Platform,
  platformOf,
} from "@galley/spec";
import { compress } from "../compression/compress.ts";
import type { Compression } from "../compression/decompress.ts";
import { measured } from "../content/measured.ts";
import { type MemoryContent, memoryContent } from "../content/memory-content.ts";
import { type FamilyTypes, familyTypes } from "../convert/media-family.ts";

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
  /** Of all digests; sha256 when left out. */
  readonly algorithm?: DigestAlgorithm | undefined;
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
  const types = familyTypes[options.docker ? "schema2" : "oci"];
  const { algorithm } = options;
  const made: { descriptor: Descriptor; diffId: Digest }[] = [];
  for (const layer of options.layers) made.push(await addLayer({ content, algorithm }, layer, types));
  const diffIds = made.map(({ diffId }) => diffId);
  const layers = made.map(({ descriptor }) => descriptor);
  const platform = options.platform ?? platformOf(process.arch);
  const configDescriptor = await addDocument(
    { content, algorithm },
    types.config,
    configOf(options, platform, diffIds),
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: configDescriptor,
    layers,
    annotations: options.annotations,
  };
  const descriptor = { ...(await addDocument({ content, algorithm }, types.manifest, manifest)), platform };
  return { descriptor, configDescriptor, layers, content };
}

interface Into {
  readonly content: MemoryContent;
  readonly algorithm: DigestAlgorithm | undefined;
}

async function addLayer({ content, algorithm }: Into, layer: ImageLayerInput, types: FamilyTypes) {
  const { tar, compression = "gzip" } = layer;
  const plain = measured(tar instanceof Uint8Array ? once(tar) : tar, algorithm);
  const digester = createDigester(algorithm);
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

async function addDocument({ content, algorithm }: Into, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const descriptor = { mediaType, digest: digestOf(bytes, algorithm), size: bytes.length };
  await content.push(descriptor, once(bytes));
  return descriptor;
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
