import { createReadStream } from "node:fs";
import { opendir, rm, stat } from "node:fs/promises";
import { type Descriptor, type Digest, type Exister, type Fetcher, galleyError, type Pusher } from "@galley/spec";
import type { Sweeper } from "../garbage/sweeper.ts";
import { readChunkBytes } from "../limits.ts";
import { absentAsUndefined, systemError } from "../system-error.ts";
import { blobDigest, blobPath, contentPaths } from "./blob-path.ts";
import { contentSweeper } from "./content-sweeper.ts";
import { ingest, type OnBytes } from "./ingest.ts";
import { discardPartial, reclaimStaging } from "./reclaim-staging.ts";

/** A blob in the store. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** Options of `receive`. */
export interface ReceiveOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets the bytes at the same time, so that nobody has to read them again; see `OnBytes`. */
  readonly onBytes?: OnBytes | undefined;
}

/** A directory of blobs named by digest. */
export interface Content extends Fetcher, Pusher, Exister {
  /**
   * Like `push`, for a source that can begin in the middle: `open` is told how many bytes are already here from an
   * attempt that broke off. The whole is verified, including what was kept.
   */
  receive(
    descriptor: Descriptor,
    open: (offsetBytes: number) => Promise<AsyncIterable<Uint8Array>>,
    options?: ReceiveOptions,
  ): Promise<void>;
  /** Every blob, in no order. */
  list(): AsyncIterable<StoredBlob>;
  /** Removes a blob; false when it was not there. */
  delete(digest: Digest): Promise<boolean>;
  /** Turns what dead writers left into beginnings that `receive` continues. */
  reclaim(): Promise<void>;
  /** Removes beginnings of transfers that broke off; the next one starts from zero. Returns their bytes. */
  discardPartial(): Promise<number>;
  /** For `collectGarbage`. */
  readonly sweeper: Sweeper;
}

/**
 * Opens a content store: `blobs/<algorithm>/<hex>`, unfinished work in `staging/`, broken-off beginnings in
 * `partial/`. Nothing is made before the first write. `push` and `receive` verify size and digest and leave nothing
 * visible when they fail; any number of processes may write the same blob. What `fetch` gives is not verified.
 *
 * @example
 * const content = openContent("/var/lib/galley/content");
 * await content.push(descriptor, bytes);
 * for await (const chunk of await content.fetch(descriptor)) process.stdout.write(chunk);
 */
export function openContent(directory: string): Content {
  const paths = contentPaths(directory);
  const exists = async ({ digest, size }: Descriptor) => (await sizeOf(blobPath(paths, digest))) === size;
  const receive: Content["receive"] = async (descriptor, open, options = {}) => {
    if (await exists(descriptor)) return;
    await ingest({ paths, descriptor, open, resume: true, signal: options.signal, onBytes: options.onBytes });
  };
  const push: Content["push"] = async (descriptor, content, options = {}) => {
    if (await exists(descriptor)) return;
    await ingest({ paths, descriptor, open: async () => content, resume: false, signal: options.signal });
  };
  return {
    exists,
    receive,
    push,
    fetch: (descriptor, options) => fetchBlob(blobPath(paths, descriptor.digest), descriptor, options),
    list: () => listBlobs(paths.blobs),
    delete: (digest) => deleteBlob(blobPath(paths, digest)),
    reclaim: () => reclaimStaging(paths),
    discardPartial: () => discardPartial(paths),
    sweeper: contentSweeper(paths),
  };
}

async function sizeOf(hostPath: string): Promise<number | undefined> {
  try {
    return (await absentAsUndefined(stat(hostPath)))?.size;
  } catch (error) {
    throw systemError("look for a blob", error);
  }
}

async function fetchBlob(hostPath: string, descriptor: Descriptor, options: Parameters<Fetcher["fetch"]>[1] = {}) {
  const { digest, size } = descriptor;
  const found = await sizeOf(hostPath);
  if (found === undefined)
    throw galleyError("not-found", "storage.blob-unknown", `no blob ${digest}`, { details: { digest } });
  if (found !== size)
    throw galleyError("corrupt", "storage.blob-size", `blob ${digest} has ${found} bytes, not ${size}`, {
      details: { digest, size, found },
    });
  return createReadStream(hostPath, {
    highWaterMark: readChunkBytes,
    start: options.offsetBytes ?? 0,
    ...(options.signal ? { signal: options.signal } : {}),
  }) as AsyncIterable<Uint8Array>;
}

async function* listBlobs(blobs: string): AsyncIterable<StoredBlob> {
  for (const algorithm of ["sha256", "sha512"]) {
    const directory = await absentAsUndefined(opendir(`${blobs}/${algorithm}`));
    for await (const { name } of directory ?? []) {
      const digest = blobDigest(algorithm, name);
      const sizeBytes = digest && (await sizeOf(`${blobs}/${algorithm}/${name}`));
      if (digest && sizeBytes !== undefined) yield { digest, sizeBytes };
    }
  }
}

async function deleteBlob(hostPath: string): Promise<boolean> {
  try {
    await rm(hostPath);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return false;
    throw systemError("delete a blob", error);
  }
}
