import type { Engine } from "../engine.ts";
import { beginRemoval } from "./begin-removal.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { type ContainerStatus, containerState } from "./container-state.ts";
import { eraseContainer } from "./erase-container.ts";

/**
 * Removes containers that were to be removed at their end and were not, because whoever should have done it was killed; also
 * removals that broke off. Returns how many. Idempotent; safe beside others that do the same.
 *
 * @example
 * const goneCount = await reclaimContainers(engine);
 */
export async function reclaimContainers(engine: Engine): Promise<number> {
  const left = containerRecords(engine)
    .list()
    .filter(({ value }) => isLeftOver(engine, value))
    .filter(({ key }) => beginRemoval(engine, key) === "begun");
  for (const { value } of left) await eraseContainer(engine, value);
  return left.length;
}

/** Was this container to be gone by now? */
export function isLeftOver(engine: Engine, record: ContainerRecord): boolean {
  return mayBeLeftOver(record) && isOver(containerState(engine, record).status);
}

/** As `isLeftOver`, for those who know the state. */
export function isLeftOverIn(status: ContainerStatus, record: ContainerRecord): boolean {
  return mayBeLeftOver(record) && isOver(status);
}

function mayBeLeftOver({ options, start, removing }: ContainerRecord): boolean {
  return removing === true || (options.life?.autoRemove === true && start !== undefined);
}

function isOver(status: ContainerStatus): boolean {
  return status === "exited" || status === "created";
}
