import { lane, type Perform, type Performance, type Plan, type Slot, type Step, slot, stepper } from "@galley/plan";
import { systemError } from "../system-error.ts";
import { jailerCapabilities, layerJail, type Place } from "./layer-jail.ts";
import { type LayerSpool, openLayerSpool } from "./layer-spool.ts";

/** Options of `applyLayer`. */
export interface ApplyLayerOptions {
  readonly perform: Perform;
  /** A directory to make for the content of large files, on the tree's file system; see `LayerStaging`. */
  readonly spoolPath?: string | undefined;
  /** Restricts the lane further: compiled of `layerSystemCalls`. Only where the lane is jailed, see `layerJail`. */
  readonly filter?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
}

const step = stepper("storage");

/** What a layer turned out to be. */
export interface AppliedLayer {
  /** It said what its root is like. */
  readonly rootIsNamed: boolean;
}

/**
 * Fills a directory with a stream of steps in constant memory. `makeSteps` gets the slot that holds the directory, and with
 * `spoolPath` a place for large files. On failure the directory is left half full: abort its staging. Nothing is flushed.
 *
 * @param hostPath a directory that this package made; trusted as a path, its content is not
 * @throws the first cause: of the steps' source (a damaged archive), of a step (the disk is full) or of the signal
 *
 * @example
 * const { hostPath, spoolPath } = staging;
 * await applyLayer(hostPath, (root, spool) => layerSteps(tar, { root, spool }), { perform, spoolPath });
 */
export async function applyLayer(
  hostPath: string,
  makeSteps: (root: Slot, spool: LayerSpool | undefined) => AsyncIterable<readonly Step[]>,
  { perform, signal, spoolPath, filter }: ApplyLayerOptions,
): Promise<AppliedLayer> {
  const [root, large] = [slot("layer"), slot("large files")];
  const abort = new AbortController();
  const either = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal;
  try {
    const spool = spoolPath === undefined ? undefined : await openLayerSpool(spoolPath, large);
    try {
      const places = [{ path: hostPath, slot: root }, ...(spoolPath ? [{ path: spoolPath, slot: large }] : [])];
      const plan = layerPlan(places, filter);
      const watch = watchRoot(makeSteps(root, spool), root);
      await stream(perform(plan, { signal: either }), watch.batches, abort);
      return { rootIsNamed: watch.rootIsNamed() };
    } finally {
      await spool?.close();
    }
  } catch (error) {
    throw systemError("unpack a layer", signal?.aborted ? signal.reason : error);
  }
}

function watchRoot(batches: AsyncIterable<readonly Step[]>, root: Slot) {
  let named = false;
  const isRoot = ({ op, args }: Step) =>
    op === "attributes" && args.at === root && args.path === "" && args.set.includes("owner");
  async function* watched(): AsyncIterable<readonly Step[]> {
    for await (const batch of batches) {
      named ||= batch.some(isRoot);
      yield batch;
    }
  }
  return { batches: watched(), rootIsNamed: () => named };
}

async function stream(
  performance: Performance,
  batches: AsyncIterable<readonly Step[]>,
  abort: AbortController,
): Promise<void> {
  performance.ended.catch(() => {});
  try {
    await sendAll(batches, performance);
    performance.end();
    await performance.ended;
  } catch (error) {
    abort.abort();
    await performance.ended.catch(() => {});
    throw error;
  }
}

/** The plan that receives the steps: no path in it comes from the layer. */
function layerPlan(places: readonly Place[], filter: Uint8Array | undefined): Plan {
  const held = jailerCapabilities();
  const open = ({ path, slot }: Place) =>
    step("open", { path, flags: ["read", "directory", "noFollow"], out: slot }, `open ${path}`);
  const steps = [
    step("umask", { mask: 0 }, "give files the modes of the layer"),
    ...(held === undefined ? places.map(open) : layerJail(places, { held, filter })),
    step("receive", {}, "make the layer's files"),
  ];
  return { title: "unpack a layer", lane: lane("unpack", steps) };
}

/** A failed step ends the wait for the next batch, which may be slow to come from a registry. */
async function sendAll(batches: AsyncIterable<readonly Step[]>, performance: Performance): Promise<void> {
  const unlessFailed = createInterrupt(performance.ended);
  const iterator = batches[Symbol.asyncIterator]();
  let finished = false;
  try {
    while (!finished) {
      const next = await unlessFailed(iterator.next());
      if (next.done) finished = true;
      else await performance.send(next.value);
    }
  } finally {
    // Not awaited: the source may be waiting for bytes that never come.
    if (!finished) iterator.return?.()?.then(undefined, () => {});
  }
}

/**
 * Waits for one promise after the other, each unless `ended` rejects first. Promise.race would keep every batch: each
 * race leaves its result hanging on the promise that lives longer.
 */
function createInterrupt(ended: Promise<void>): <Value>(promise: Promise<Value>) => Promise<Value> {
  let interrupt: (cause: unknown) => void = () => {};
  let failure: { readonly cause: unknown } | undefined;
  ended.catch((cause: unknown) => {
    failure = { cause };
    interrupt(cause);
  });
  return (promise) =>
    new Promise((resolve, reject) => {
      interrupt = reject;
      if (failure) reject(failure.cause);
      promise.then(resolve, reject);
    });
}
