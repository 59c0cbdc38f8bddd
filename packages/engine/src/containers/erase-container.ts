import { rmdirSync, rmSync } from "node:fs";
import type { Engine } from "../engine.ts";
import { containerCgroups } from "./container-cgroups.ts";
import { containerPlaces } from "./container-places.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";

/**
 * Removes all that a container has, which must not run, and its record last: what is broken off half-way can still be
 * listed and removed again.
 */
export async function eraseContainer(engine: Engine, record: ContainerRecord): Promise<void> {
  await engine.storage.containers.delete(record.id);
  clearRun(engine, record.id);
  containerRecords(engine).delete(record.id);
}

/** Removes what a start has left: run directory and control groups. */
export function clearRun(engine: Engine, id: string): void {
  rmSync(containerPlaces(engine, id).runDirectory, { recursive: true, force: true });
  for (const { hostPath } of containerCgroups(id)) {
    try {
      rmdirSync(hostPath);
    } catch {
      // not there, or held by a process that is just ending: the next removal takes it
    }
  }
}
