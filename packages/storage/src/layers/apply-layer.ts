import { lane, type Perform, type Performance, type Plan, type Slot, type Step, slot, stepper } from "@galley/plan";
import { wrapError } from "@galley/spec";

/** Options of `applyLayer`. */
export interface ApplyLayerOptions {
  readonly perform: Perform;
  readonly signal?: AbortSignal | undefined;
}

const step = stepper("storage");

/**
 * Fills a directory with a stream of steps in constant memory, then flushes its file system. `makeSteps` gets the slot
 * that holds the directory. On failure the directory is left half full: abort its staging.
 *
 * @param hostPath a directory that this package made; trusted as a path, its content is not
 * @throws the first cause: of the steps' source (a damaged archive), of a step (the disk is full) or of the signal
 *
 * @example
 * await applyLayer(staging.hostPath, (root) => layerSteps(tar, { root }), { perform });
 */
export async function applyLayer(
  hostPath: string,
  makeSteps: (root: Slot) => AsyncIterable<readonly Step[]>,
  { perform, signal }: ApplyLayerOptions,
): Promise<void> {
  const root = slot("layer");
  const abort = new AbortController();
  const either = signal ? AbortSignal.any([signal, abort.signal]) : abort.signal;
  try {
    await stream(perform(layerPlan(hostPath, root), { signal: either }), makeSteps(root), abort);
  } catch (error) {
    throw wrapError("unpack a layer", signal?.aborted ? signal.reason : error);
  }
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
function layerPlan(hostPath: string, root: Slot): Plan {
  const steps = [
    step("umask", { mask: 0 }, "give files the modes of the layer"),
    step("open", { path: hostPath, flags: ["read", "directory", "noFollow"], out: root }, "open the layer's directory"),
    step("receive", {}, "make the layer's files"),
    step("syncFileSystem", { slot: root }, "bring the layer to the disk"),
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
