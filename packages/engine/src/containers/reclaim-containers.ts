import type { Engine } from "../engine.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { eraseContainer } from "./erase-container.ts";

/**
 * Removes containers that were to be removed at their end and were not, because whoever should have done it was killed.
 * Returns how many. Idempotent; safe beside others that do the same.
 */
export async function reclaimContainers(engine: Engine): Promise<number> {
  const left = containerRecords(engine)
    .list()
    .filter(({ value }) => isLeftOver(engine, value));
  for (const { value } of left) await eraseContainer(engine, value);
  return left.length;
}

/** Was this container to be gone by now? */
export function isLeftOver(engine: Engine, record: ContainerRecord): boolean {
  if (!record.options.life?.autoRemove || !record.start) return false;
  const { status } = containerState(engine, record);
  return status === "exited" || status === "created";
}
