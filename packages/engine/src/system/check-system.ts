import { strayPaths } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { checkContainers } from "./check-containers.ts";
import { checkImages } from "./check-images.ts";
import { checkRecords } from "./check-records.ts";
import type { SystemProblem } from "./system-problem.ts";

/** How to check. */
export interface CheckSystemOptions {
  /** Look only whether things are there, not whether each byte is what it was. */
  readonly quick?: boolean;
  /** Mend what can be mended without a loss. */
  readonly repair?: boolean;
  /** Remove what cannot be mended: images, the containers made from them, and paths that are none of the store's. */
  readonly repairLossy?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Looks for damage in the store, and mends it where that is wished: the records, then blobs and layers against the records, both ways,
 * then containers. One damaged object does not keep the others from being looked at. Mending wants that nothing runs beside it.
 *
 * @example
 * for await (const { object, id, problem, mended } of checkSystem(engine, { repair: true })) console.log(object, id, problem, mended);
 */
export async function* checkSystem(engine: Engine, options: CheckSystemOptions = {}): AsyncGenerator<SystemProblem> {
  const mends = { ...options, repair: options.repair === true || options.repairLossy === true };
  if (mends.repair) await engine.storage.reclaim();
  const { problems, isReadable } = checkRecords(engine, mends);
  yield* problems;
  if (!isReadable) return; // without records nothing can be said about the rest
  yield* checkContainers(engine, mends);
  yield* checkImages(engine, mends);
  for await (const id of strayPaths(engine.places.root)) yield strayProblem(id);
}

/** Somebody put it there: it stays, and is shown. */
function strayProblem(id: string): SystemProblem {
  return { object: "stray", id, problem: "is none of the store's", harmless: "note" };
}
