import type { Slot, Step } from "@galley/plan";
import { defaultLayerLimits, maxBatchSteps } from "../limits.ts";
import { createStepMaker } from "./change-steps.ts";
import { createLargeFiles, type LayerSpool } from "./large-files.ts";
import { type LayerChangesOptions, layerChanges } from "./layer-changes.ts";
import { zerosAsHole } from "./zeros-as-hole.ts";

/** Options of `layerSteps`. */
export interface LayerStepsOptions extends LayerChangesOptions {
  /** Holds the directory that becomes the layer's tree. */
  readonly root: Slot;
  /** Whose marks overlayfs reads: `trusted.overlay.*`, or `user.overlay.*` where it is mounted with userxattr. */
  readonly marks?: "trusted" | "user" | undefined;
  /** Takes large files, on the tree's file system; the steps then only rename them. Without it all content is in steps. */
  readonly spool?: LayerSpool | undefined;
}

/**
 * Turns a layer's tar archive into steps for the operation `receive`, in batches and in constant memory but for the
 * directories, whose times are set at the end. Whiteouts become overlayfs' marks: a 0/0 character device for a name,
 * `trusted.overlay.opaque` for a directory. Missing parents are made, root:root 0755. Fails as `layerChanges` does.
 *
 * @example
 * await applyLayer(staging.hostPath, (root) => layerSteps(decompress(blob), { root }), { perform });
 */
export async function* layerSteps(tar: AsyncIterable<Uint8Array>, options: LayerStepsOptions): AsyncIterable<Step[]> {
  const maxDirectories = options.limits?.maxDirectories ?? defaultLayerLimits.maxDirectories;
  const maker = createStepMaker({ root: options.root, marks: options.marks ?? "trusted", maxDirectories });
  const large = options.spool && createLargeFiles(options.spool, maker);
  for await (const batch of layerChanges(tar, options)) {
    let steps: Step[] = [];
    for (const read of batch) {
      const change = zerosAsHole(read);
      if (large?.takes(change)) steps.push(...(await large.take(change)));
      else steps.push(...maker.steps(change));
      if (steps.length < maxBatchSteps) continue;
      yield steps;
      steps = [];
    }
    if (steps.length > 0) yield steps;
  }
  yield* maker.lastSteps();
}
