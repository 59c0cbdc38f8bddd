import type { Digest } from "@galley/spec";
import type { Leases } from "./open-leases.ts";
import type { Sweeper } from "./sweeper.ts";

/** What must stay. */
export interface Live {
  readonly blobs: ReadonlySet<Digest>;
  readonly layers: ReadonlySet<Digest>;
}

/** What went. */
export interface Swept {
  readonly blobs: readonly Digest[];
  readonly layers: readonly Digest[];
  /** Bytes of the blobs; those of layers are not counted. */
  readonly freedBytes: number;
}

/** The stores, and who says what is needed. */
export interface CollectOptions {
  readonly content: { readonly sweeper: Sweeper };
  readonly layers: { readonly sweeper: Sweeper };
  readonly leases: Leases;
  /** Reads the records anew at every call. */
  readonly roots: () => Promise<Live>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes every blob and layer that neither a record nor a lease names. A pull beside it loses nothing: what looks
 * unused is first hidden, then leases and records are read once more, and only then is it removed. Who looked before
 * the hiding has its lease or record seen; who looks after it finds the object absent and brings it again.
 *
 * @example
 * await collectGarbage({ content, layers, leases, roots: async () => readLiveDigests(records) });
 */
export async function collectGarbage(options: CollectOptions): Promise<Swept> {
  const live = await readLive(options);
  const blobs = await hideUnused(options.content.sweeper, live.blobs, options.signal);
  const layers = await hideUnused(options.layers.sweeper, live.layers, options.signal);
  const last = await readLive(options).catch(() => undefined);
  const sweptBlobs = await settle(options.content.sweeper, blobs, last?.blobs);
  const sweptLayers = await settle(options.layers.sweeper, layers, last?.layers);
  return {
    blobs: sweptBlobs.gone,
    layers: sweptLayers.gone,
    freedBytes: sweptBlobs.freedBytes + sweptLayers.freedBytes,
  };
}

/** Leases first: a pull that ends in between has then either its lease or its record seen. */
async function readLive({ leases, roots }: CollectOptions): Promise<Live> {
  const leased = await leases.live();
  const { blobs, layers } = await roots();
  return { blobs: new Set([...blobs, ...leased]), layers: new Set([...layers, ...leased]) };
}

async function hideUnused(sweeper: Sweeper, live: ReadonlySet<Digest>, signal?: AbortSignal): Promise<Digest[]> {
  const hidden: Digest[] = [];
  for await (const digest of sweeper.list()) {
    if (signal?.aborted) break;
    if (!live.has(digest) && (await sweeper.hide(digest))) hidden.push(digest);
  }
  return hidden;
}

/** Without a last look everything is brought back. */
async function settle(sweeper: Sweeper, hidden: readonly Digest[], live: ReadonlySet<Digest> | undefined) {
  const gone: Digest[] = [];
  let freedBytes = 0;
  for (const digest of hidden)
    if (!live || live.has(digest)) await sweeper.restore(digest);
    else {
      freedBytes += await sweeper.discard(digest);
      gone.push(digest);
    }
  return { gone, freedBytes };
}
