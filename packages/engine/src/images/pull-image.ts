import { type CopyProgress, copyImage, openImage } from "@galley/image";
import {
  type Descriptor,
  formatReference,
  isLayerType,
  isManifestType,
  type Platform,
  parseReference,
  type Reference,
  withDefaultTag,
  wrapError,
} from "@galley/spec";
import { underLease } from "@galley/storage";
import { readAccounts } from "../containers/read-accounts.ts";
import type { Engine } from "../engine.ts";
import { watchArrivals } from "./arrivals.ts";
import { findImageEntry, imageExists } from "./find-image.ts";
import type { ImageRecord } from "./image-record.ts";
import { imageRootSteps } from "./image-root.ts";
import { recordImage } from "./record-image.ts";
import { storingFetcher } from "./storing-fetcher.ts";
import { unpackLayers } from "./unpack-layers.ts";

/** When to ask the registry. `newer` asks whether it has another image and takes what is here when it does not answer. */
export type PullPolicy = "always" | "missing" | "never" | "newer";

/** How far one part of an image is. */
export interface PullProgress {
  readonly digest: string;
  readonly kind: "manifest" | "config" | "layer";
  readonly state: "exists" | "downloading" | "downloaded" | "unpacking" | "done";
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** How to pull. */
export interface PullOptions {
  /** `always` unless given. */
  readonly policy?: PullPolicy;
  /** False: any certificate, and plain HTTP where HTTPS does not answer. Registries on loopback may be plain without it. */
  readonly tlsVerify?: boolean;
  readonly platform?: Platform;
  /** The only file in which credentials are looked for. */
  readonly authFilePath?: string;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Brings an image into the store: its blobs, its unpacked layers, then the record that makes it visible. A pull that is
 * killed leaves nothing visible, and the next one goes on where it stopped.
 *
 * @throws not-found engine.image-unknown, registry.*; unauthorized, forbidden, unavailable: what the registry says;
 *   corrupt: what came is not what was named; invalid: a layer that would write outside of its root
 *
 * @example
 * const { id } = await pullImage(engine, "docker.io/library/alpine", { onProgress: ({ digest, state }) => console.log(digest, state) });
 */
export async function pullImage(engine: Engine, name: string, options: PullOptions = {}): Promise<ImageRecord> {
  const reference = withDefaultTag(parseReference(name));
  const policy = options.policy ?? "always";
  if (policy === "never" || (policy === "missing" && imageExists(engine, name)))
    return findImageEntry(engine, name).value;
  try {
    return await pull(engine, reference, options);
  } catch (error) {
    const unreachable = policy === "newer" && imageExists(engine, name);
    if (unreachable) return findImageEntry(engine, name).value;
    throw wrapError(`initializing source docker://${formatReference(reference)}`, error);
  }
}

async function pull(engine: Engine, reference: Reference, options: PullOptions): Promise<ImageRecord> {
  await engine.storage.reclaim();
  await using lease = await engine.storage.leases.take();
  await using repository = await openSource(reference, options);
  const content = underLease(engine.storage.content, lease);
  const failed = new AbortController();
  const waits = { signal: options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal };
  const root = await repository.resolve(reference.digest ?? reference.tag ?? "latest", waits);
  const source = storingFetcher(repository, content);
  const image = await openImage(source, root, {
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
    failed.abort(cause); // the repository and the lease are given up only when nobody uses them any more
    await Promise.allSettled([copying, unpacking]);
    throw cause;
  }

  const { perform } = engine.ports;
  const accounts = await readAccounts((out) => imageRootSteps(engine, image.layers, out), perform);
  return recordImage(engine, { image, root, reference, accounts });
}

/** The registry client is loaded only by those who speak to a registry. */
async function openSource(reference: Reference, options: PullOptions): Promise<import("@galley/registry").Repository> {
  const { credentialsFromAuthFiles, openRepository, readTextFile } = await import("@galley/registry");
  const credentials = credentialsFromAuthFiles({
    readFile: readTextFile,
    environment: process.env,
    ...(process.getuid ? { uid: process.getuid() } : {}),
    ...(options.authFilePath === undefined ? {} : { authFilePath: options.authFilePath }),
  });
  return openRepository(reference, {
    credentials,
    ...(options.tlsVerify === undefined ? {} : { tlsVerify: options.tlsVerify }),
  });
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
