import type { Descriptor, Digest, Fetcher } from "@galley/spec";
import type { Content, LayerStaging, OnBytes } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { createBytePassage } from "./byte-passage.ts";
import { type FilledLayer, fillLayer, type LayerNames } from "./fill-layer.ts";
import type { PullProgress } from "./store-image.ts";

/** Where layers come from and what is told meanwhile. */
export interface BringOptions {
  readonly source: Fetcher;
  /** The store's content, under a lease. */
  readonly content: Content;
  readonly onProgress: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Layers at a time: while one waits for the network the others keep two processors busy. */
const layersAtOnce = 4;

/**
 * Brings an image's layers, the lowest first, into the store, several at a time: each blob is unpacked while it comes, and becomes visible when all
 * of it was verified. The trees are committed the lowest first and not flushed, since the blobs are. The first failure stops the
 * others, is waited for with them, and is thrown.
 */
export async function bringLayers(engine: Engine, layers: readonly LayerNames[], options: BringOptions): Promise<void> {
  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
  const bring = createBringing(engine, { ...options, signal });
  const commits: Promise<void>[] = [];
  const failures: unknown[] = [];
  const queue = layers.entries();
  const work = async (): Promise<void> => {
    for (const [index, layer] of queue) {
      const below = commits[index - 1] ?? Promise.resolve();
      const bringing = bring(layer, { below, parent: layers[index - 1]?.chainId });
      commits[index] = bringing;
      await bringing.catch((cause: unknown) => {
        failures.push(cause);
        stop.abort(cause);
      });
      if (signal.aborted) return;
    }
  };
  await Promise.all(Array.from({ length: layersAtOnce }, work));
  if (failures.length > 0) throw failures[0];
  signal.throwIfAborted();
}

interface Place {
  readonly parent: Digest | undefined;
  /** The commit of all layers beneath. */
  readonly below: Promise<void>;
}

function createBringing(engine: Engine, options: BringOptions & { readonly signal: AbortSignal }) {
  const { source, content, onProgress, signal } = options;
  const waits = { signal };
  const blobs = new Map<string, Promise<void>>();

  const tell = (state: PullProgress["state"], { digest, size }: Descriptor, doneBytes = size): void =>
    onProgress?.({ digest, kind: "layer", state, doneBytes, totalBytes: size });

  const receive = async (blob: Descriptor, onBytes?: OnBytes): Promise<void> => {
    if (await content.exists(blob)) return tell("exists", blob);
    tell("downloading", blob, 0);
    await content.receive(
      blob,
      (offsetBytes) => source.fetch(blob, { ...waits, ...(offsetBytes > 0 ? { offsetBytes } : {}) }),
      {
        ...waits,
        onBytes: (bytes, position) => {
          tell("downloading", blob, position + bytes.length);
          return onBytes?.(bytes, position);
        },
      },
    );
    tell("downloaded", blob);
  };

  /** A blob that several layers share comes once; the others find it in the store. */
  const once = (blob: Descriptor, run: () => Promise<void>): Promise<void> => {
    const known = blobs.get(blob.digest);
    if (known) return known;
    const running = run();
    running.catch(() => {}); // told by who waits for it
    blobs.set(blob.digest, running);
    return running;
  };

  /** Unpacks while the blob comes. Undefined when it did not come this way, or began anew half-way. */
  const bringAlong = async (layer: LayerNames, staging: LayerStaging): Promise<FilledLayer | undefined> => {
    const { descriptor } = layer;
    const passage = createBytePassage();
    let position = 0;
    let failure: { readonly cause: unknown } | undefined;
    const filling = fillLayer(engine, { layer, blob: passage.content, staging }, waits).catch((cause: unknown) => {
      failure = { cause };
    });
    const onBytes: OnBytes = (bytes, at) => {
      if (at !== position) passage.fail(new Error("the blob begins anew"));
      else if (failure) throw failure.cause;
      position = at === position ? at + bytes.length : Number.NaN;
      return passage.write(bytes);
    };
    try {
      await receive(descriptor, onBytes);
    } catch (error) {
      const first = failure;
      passage.fail(error);
      await filling;
      throw first?.cause ?? error;
    }
    if (position === descriptor.size) passage.end();
    else passage.fail(new Error("the blob came from elsewhere"));
    const filled = await filling;
    if (failure && position === descriptor.size) throw failure.cause;
    return filled ?? undefined;
  };

  const prepare = (layer: LayerNames, { parent }: Place) =>
    engine.storage.layers.prepare(layer.chainId, { parent, ...waits });

  const fromStore = async (layer: LayerNames, staging: LayerStaging): Promise<FilledLayer> => {
    tell("unpacking", layer.descriptor);
    return fillLayer(engine, { layer, blob: await content.fetch(layer.descriptor, waits), staging }, waits);
  };

  return async (layer: LayerNames, place: Place): Promise<void> => {
    const { descriptor, diffId } = layer;
    let staging = await prepare(layer, place);
    try {
      let filled: FilledLayer | undefined;
      await once(descriptor, async () => {
        if (!staging || (await content.exists(descriptor))) return receive(descriptor);
        filled = await bringAlong(layer, staging);
        if (filled) return;
        await staging.abort();
        staging = await prepare(layer, place);
      });
      if (staging) {
        const { rootIsNamed, archiveBytes } = filled ?? (await fromStore(layer, staging));
        await place.below;
        await staging.commit({ diffId, archiveBytes }, { flush: false, rootIsNamed });
      }
    } finally {
      await staging?.abort();
    }
    tell("done", descriptor);
  };
}
