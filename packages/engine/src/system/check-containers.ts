import { isGalleyError } from "@galley/spec";
import { containerRecords } from "../containers/container-record.ts";
import { isLeftOver, reclaimContainers } from "../containers/reclaim-containers.ts";
import { removeContainer } from "../containers/remove-container.ts";
import type { Engine } from "../engine.ts";
import { imageRecords } from "../images/image-record.ts";
import type { CheckSystemOptions } from "./check-system.ts";
import type { SystemProblem } from "./system-problem.ts";

/** Compares containers' records with their directories and with the images. What a user may have written goes only with `repairLossy`. */
export async function* checkContainers(
  engine: Engine,
  { repair, repairLossy }: CheckSystemOptions,
): AsyncGenerator<SystemProblem> {
  yield* leftOvers(engine, repair);
  yield* withoutImage(engine, repairLossy);
  yield* withoutRecord(engine, repairLossy);
}

async function* leftOvers(engine: Engine, repair: boolean | undefined): AsyncGenerator<SystemProblem> {
  const left = containerRecords(engine)
    .list()
    .filter(({ value }) => isLeftOver(engine, value));
  if (repair) await reclaimContainers(engine);
  for (const { key: id } of left) {
    const mended = repair ? { mended: "was removed" } : {};
    yield { object: "container", id, problem: "was to be gone by now", harmless: "unneeded" as const, ...mended };
  }
}

async function* withoutImage(engine: Engine, lossy: boolean | undefined): AsyncGenerator<SystemProblem> {
  for (const { key: id, value } of containerRecords(engine).list()) {
    if (isLeftOver(engine, value) || imageRecords(engine).get(value.imageId)) continue;
    const problem = `has lost its image ${value.imageId}`;
    if (lossy) await removeContainer(engine, id, { force: true, timeoutS: 0 }).catch(unlessGone);
    yield { object: "container", id, problem, ...(lossy ? { mended: "was removed" } : {}) };
  }
}

function unlessGone(error: unknown): void {
  if (!isGalleyError(error, "not-found")) throw error;
}

async function* withoutRecord(engine: Engine, lossy: boolean | undefined): AsyncGenerator<SystemProblem> {
  const { containers } = engine.storage;
  for (const id of await containers.list()) {
    if (containerRecords(engine).get(id)) continue;
    if (lossy) await containers.delete(id);
    yield { object: "container", id, problem: "has no record", ...(lossy ? { mended: "was removed" } : {}) };
  }
}
