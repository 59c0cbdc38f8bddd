import { type CopyProgress, copyImage, openImage } from "@galley/image";
import {
  type Descriptor,
  type Fetcher,
  isLayerType,
  isManifestType,
  type Platform,
  type Reference,
} from "@galley/spec";
import { underLease } from "@galley/storage";
import { readAccounts } from "../containers/read-accounts.ts";
import type { Engine } from "../engine.ts";
import { watchArrivals } from "./arrivals.ts";
import type { ImageRecord } from "./image-record.ts";
import { imageRootSteps } from "./image-root.ts";
import { recordImage } from "./record-image.ts";
import { storingFetcher } from "./storing-fetcher.ts";
import { unpackLayers } from "./unpack-layers.ts";

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
  const failed = new AbortController();
  const waits = { signal: options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal };
  const source = storingFetcher(from.content, content);
  const image = await openImage(source, from.root, {
    ...waits,
    ...(options.platform ? { platform: options.platform } : {}),
  });
  await lease.add(...image.layers.map(({ chainId }) => chainId));

  const arrivals = watchArrivals(image.layers.map(({ descriptor }) => descriptor));
  const copying = copyImage(image.descriptor, source, content, {
    ...waits,
    onProgress: (progress) => {
      arrivals.note(progress);
      options.onProgress?.(pullProgress(progress));
    },
  });
  copying.catch((cause: unknown) => arrivals.fail(cause));
  const unpacking = unpackLayers(engine, image, {
    ...waits,
    arrived: (layer) => arrivals.of(layer),
    onProgress: options.onProgress,
  });
  try {
    await Promise.all([copying, unpacking]);
  } catch (cause) {
    failed.abort(cause); // the source and the lease are given up only when nobody uses them any more
    await Promise.allSettled([copying, unpacking]);
    throw cause;
  }

  const accounts = await readAccounts((out) => imageRootSteps(engine, image.layers, out), engine.ports.perform);
  return recordImage(engine, { image, root: from.root, references: options.references, accounts });
}

function pullProgress({ descriptor, state, bytes }: CopyProgress): PullProgress {
  const states = { exists: "exists", started: "downloading", transferring: "downloading", done: "downloaded" } as const;
  return {
    digest: descriptor.digest,
    kind: kindOf(descriptor),
    state: states[state],
    doneBytes: bytes,
    totalBytes: descriptor.size,
  };
}

function kindOf({ mediaType }: Descriptor): PullProgress["kind"] {
  if (isManifestType(mediaType)) return "manifest";
  return isLayerType(mediaType) ? "layer" : "config";
}
