import { type ImageView, openImage } from "@galley/image";
import { type Descriptor, type Digest, type Fetcher, galleyError, type Platform, type Reference } from "@galley/spec";
import { maxRootLayers, underLease } from "@galley/storage";
import { readAccounts } from "../containers/read-accounts.ts";
import type { Engine } from "../engine.ts";
import type { Admit } from "./admission.ts";
import { bringLayers } from "./bring-layers.ts";
import type { ImageRecord } from "./image-record.ts";
import { imageRootSteps } from "./image-root.ts";
import { recordImage } from "./record-image.ts";
import { storingFetcher } from "./storing-fetcher.ts";
import { partKind } from "./transfer-progress.ts";

/** How far one part of an image is. */
export interface PullProgress {
  readonly digest: string;
  readonly kind: "manifest" | "config" | "layer";
  readonly state: "exists" | "downloading" | "downloaded" | "unpacking" | "done";
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Where an image comes from: a registry, a layout, an archive, memory. */
export interface ImageSource {
  readonly content: Fetcher;
  /** A manifest, or an index of which one platform is taken. */
  readonly root: Descriptor;
}

/** How to store. */
export interface StoreImageOptions {
  /** Names for the image; one that another image has moves. Those with a digest become repository digests only. */
  readonly references: readonly Reference[];
  readonly platform?: Platform | undefined;
  /** Asked as soon as it is known which image this is, and before anything of it can be seen. */
  readonly admit?: Admit | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings an image into the store from anywhere: its blobs, its unpacked layers, then the record that makes it visible. What is
 * killed half-way leaves nothing visible, and the next attempt goes on where it stopped.
 *
 * @throws what the source throws; corrupt: what came is not what was named; invalid: a layer that would write outside of its root
 *
 * @example
 * const { id } = await storeImage(engine, { content: layout, root }, { references: [parseReference("example.test/app:1")] });
 */
export async function storeImage(engine: Engine, from: ImageSource, options: StoreImageOptions): Promise<ImageRecord> {
  await engine.storage.reclaim();
  await using lease = await engine.storage.leases.take();
  const content = underLease(engine.storage.content, lease);
  const ended = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
  const source = storingFetcher(from.content, content);
  const image = await openImage(source, from.root, {
    signal,
    ...(options.platform ? { platform: options.platform } : {}),
  });
  checkLayerCount(image);
  await options.admit?.(image.descriptor, from.root);
  await lease.add(...image.layers.map(({ chainId }) => chainId));

  // Earlier trees, beside our own work. Not waited for at the end, since syncfs(2) cannot be stopped: if it lasts, another time.
  void engine.storage.layers.settle({ signal }).catch(() => {});
  try {
    await bringLayers(engine, image.layers, { source, content, onProgress: options.onProgress, signal });
    for (const document of [image.configDescriptor, image.descriptor]) tellThere(document, options.onProgress);
    const accounts = await readAccounts((out) => imageRootSteps(engine, image.layers, out), engine.ports.perform);
    const unpackedBytes = await unpackedSizes(engine, image);
    return recordImage(engine, { image, root: from.root, references: options.references, accounts, unpackedBytes });
  } finally {
    ended.abort();
  }
}

/** As they were noted when each layer was unpacked, by whichever image brought it. */
async function unpackedSizes(engine: Engine, { layers }: ImageView): Promise<Map<Digest, number>> {
  const records = await Promise.all(layers.map(({ chainId }) => engine.storage.layers.get(chainId)));
  const sizes = records.map((record) => [record?.chainId, record?.info["archiveBytes"]] as const);
  return new Map(sizes.filter((size): size is [Digest, number] => typeof size[1] === "number"));
}

/** Said before anything is fetched that nobody could run. */
function checkLayerCount({ layers, descriptor }: ImageView): void {
  if (layers.length <= maxRootLayers) return;
  const message = `image ${descriptor.digest} has ${layers.length} layers, more than the ${maxRootLayers} that can be stacked`;
  throw galleyError("unsupported", "engine.too-many-layers", message);
}

/** Documents are stored while they are read. */
function tellThere({ digest, size, mediaType }: Descriptor, tell: StoreImageOptions["onProgress"]): void {
  tell?.({ digest, kind: partKind({ mediaType }), state: "exists", doneBytes: size, totalBytes: size });
}
