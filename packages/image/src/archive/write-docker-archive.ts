import {
  type ContentOptions,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  type Platform,
} from "@galley/spec";
import { decompress } from "../compression/decompress.ts";
import { onlySignal } from "../content/only-signal.ts";
import { readContent } from "../content/read-content.ts";
import { verified } from "../content/verified.ts";
import { tarEnd } from "../tar/tar-writer.ts";
import { type ImageLayer, type ImageView, openImage } from "../view/open-image.ts";
import type { ImageToArchive } from "./image-archive.ts";
import { encodeJson, tarFile, tarStream } from "./tar-output.ts";

/** Options of `writeDockerArchive`. */
export interface WriteDockerArchiveOptions extends ContentOptions {
  /** Which image of an index; this machine's for Linux when left out. */
  readonly platform?: Platform | undefined;
  /**
   * The bytes of a layer without its compression, where that is known. The archive says it before the layer, so a compressed
   * layer whose size is not known is read twice. A wrong size is found at the layer's end: corrupt `image.size`.
   */
  readonly layerBytes?: ((layer: ImageLayer) => number | undefined | Promise<number | undefined>) | undefined;
}

/**
 * Images as `docker save` writes them, made while it is read: configurations byte for byte, layers uncompressed, each once.
 * Docker since 1.10, Podman and skopeo load it. The same images give the same bytes. Manifests and their annotations are not
 * in it, which is how this format is.
 *
 * @throws what `openImage` throws; corrupt image.digest, image.size
 *
 * @example
 * const archive = writeDockerArchive([{ root, from: content, references: ["docker.io/library/app:1"] }]);
 * await pipeline(archive, createWriteStream("app.tar"));
 */
export async function* writeDockerArchive(
  images: Iterable<ImageToArchive>,
  options: WriteDockerArchiveOptions = {},
): AsyncIterable<Uint8Array> {
  const opened = await openAll(images, options);
  const entries = opened.map(({ view, references }) => ({
    Config: configName(view.configDescriptor.digest),
    RepoTags: references.length === 0 ? null : references,
    Layers: view.layers.map(({ diffId }) => layerName(diffId)),
  }));
  yield* tarFile("manifest.json", encodeJson(entries));
  const written = new Set<string>();
  for (const { view, from } of opened) {
    yield* tarFile(configName(view.configDescriptor.digest), await readContent(from, view.configDescriptor, options));
    for (const layer of view.layers) {
      if (written.has(layer.diffId)) continue;
      written.add(layer.diffId);
      yield* layerFile(layer, from, options);
    }
  }
  yield tarEnd;
}

interface Opened {
  readonly view: ImageView;
  readonly from: ImageToArchive["from"];
  readonly references: string[];
}

/** An image that comes twice, under other names, is one. */
async function openAll(images: Iterable<ImageToArchive>, options: WriteDockerArchiveOptions): Promise<Opened[]> {
  const opened = new Map<string, Opened>();
  for (const { root, from, references = [] } of images) {
    const view = await openImage(from, root, options);
    const known = opened.get(view.configDescriptor.digest) ?? { view, from, references: [] };
    known.references.push(...references.filter((each) => !known.references.includes(each)));
    opened.set(view.configDescriptor.digest, known);
  }
  return [...opened.values()];
}

async function* layerFile(
  layer: ImageLayer,
  from: ImageToArchive["from"],
  options: WriteDockerArchiveOptions,
): AsyncIterable<Uint8Array> {
  const open = async () =>
    decompress(checked(layer.descriptor, await from.fetch(layer.descriptor, onlySignal(options))), onlySignal(options));
  const known = await options.layerBytes?.(layer);
  const size = known ?? (await sizeOf(layer, open));
  yield* tarStream(layerName(layer.diffId), size, verified({ digest: layer.diffId, size }, await open()));
}

/** Only the size: the digest of what is inside is verified anyway. */
async function* checked({ size }: Descriptor, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let left = size;
  for await (const chunk of content) {
    left -= chunk.length;
    if (left < 0) return yield chunk.subarray(0, chunk.length + left);
    yield chunk;
  }
}

async function sizeOf(
  { descriptor, diffId }: ImageLayer,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  if (descriptor.digest === diffId) return descriptor.size;
  let size = 0;
  for await (const chunk of await open()) size += chunk.length;
  return size;
}

function configName(digest: Digest): string {
  return `${fileStem(digest)}.json`;
}

function layerName(digest: Digest): string {
  return `${fileStem(digest)}.tar`;
}

function fileStem(digest: Digest): string {
  return digestAlgorithm(digest) === "sha256" ? digestHex(digest) : digest.replace(":", "-");
}
