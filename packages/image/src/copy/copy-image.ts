import {
  type ContentOptions,
  type Descriptor,
  type Exister,
  type Fetcher,
  isGalleyError,
  type Pusher,
  wrapError,
} from "@galley/spec";
import { defaultConcurrency } from "../limits.ts";
import { inParallel } from "./in-parallel.ts";
import { type WalkOptions, walkImage } from "./walk-image.ts";

/** Where an image goes: at least a Pusher. */
export interface CopyTarget extends Pusher, Partial<Exister> {
  /** Takes content from a source that can begin in the middle, see the content store of `@galley/storage`. */
  receive?(
    descriptor: Descriptor,
    open: (offsetBytes: number) => Promise<AsyncIterable<Uint8Array>>,
    options?: ContentOptions,
  ): Promise<void>;
}

/** How far one descriptor is. */
export interface CopyProgress {
  readonly descriptor: Descriptor;
  /** `exists`: nothing to do. `started` and `done` come once; `transferring` with every piece. */
  readonly state: "exists" | "started" | "transferring" | "done";
  /** At the target, what was there before included. */
  readonly bytes: number;
}

/** Options of `copyImage`. */
export interface CopyImageOptions extends WalkOptions {
  /** Blobs at a time, 4 when left out. */
  readonly concurrency?: number | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/**
 * Copies an image between any two places: blobs first, several at a time, what is there is passed over; then the manifest.
 * Of an index one platform is copied, or with `all` everything and the index. Resolves to the descriptor that the
 * target can now be asked for: the chosen manifest, or with `all` the root.
 *
 * @throws what reading and writing throw, the first of it; the others are stopped. not-found image.no-platform
 *
 * @example
 * const root = await registry.resolve("latest");
 * const manifest = await copyImage(root, registry, content, { onProgress: ({ state, bytes }) => console.log(state, bytes) });
 */
export async function copyImage(
  root: Descriptor,
  from: Fetcher,
  to: CopyTarget,
  options: CopyImageOptions = {},
): Promise<Descriptor> {
  try {
    return await copyParts(root, from, to, options);
  } catch (error) {
    throw isGalleyError(error) ? error : wrapError(`copy image ${root.digest}`, error);
  }
}

async function copyParts(
  root: Descriptor,
  from: Fetcher,
  to: CopyTarget,
  options: CopyImageOptions,
): Promise<Descriptor> {
  let last = root;
  for await (const { blobs, descriptor, bytes } of walkImage(root, from, options)) {
    await inParallel(blobs, options.concurrency ?? defaultConcurrency, {
      signal: options.signal,
      run: (blob, signal) => copyBlob(blob, { from, to, signal, onProgress: options.onProgress }),
    });
    const source = { fetch: async () => once(bytes) };
    await copyBlob(descriptor, { from: source, to, signal: options.signal, onProgress: options.onProgress });
    last = descriptor;
  }
  return last;
}

interface BlobCopy extends Pick<CopyImageOptions, "onProgress"> {
  readonly from: Fetcher;
  readonly to: CopyTarget;
  readonly signal: AbortSignal | undefined;
}

async function copyBlob(descriptor: Descriptor, { from, to, signal, onProgress }: BlobCopy): Promise<void> {
  const options: ContentOptions = signal ? { signal } : {};
  const tell = (state: CopyProgress["state"], bytes: number) => onProgress?.({ descriptor, state, bytes });
  signal?.throwIfAborted();
  if (await to.exists?.(descriptor, options)) return tell("exists", descriptor.size);
  tell("started", 0);
  const open = async (offsetBytes: number) => {
    const content = await from.fetch(descriptor, { ...options, ...(offsetBytes > 0 ? { offsetBytes } : {}) });
    return counted(content, (bytes) => tell("transferring", offsetBytes + bytes));
  };
  if (to.receive) await to.receive(descriptor, open, options);
  else await to.push(descriptor, await open(0), options);
  tell("done", descriptor.size);
}

async function* counted(content: AsyncIterable<Uint8Array>, tell: (bytes: number) => void): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    yield chunk;
    tell(bytes);
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
