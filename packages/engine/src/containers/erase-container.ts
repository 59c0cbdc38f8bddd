import { type Dirent, readdirSync, rmdirSync } from "node:fs";
import type { Engine } from "../engine.ts";
import { removeHostPath } from "../host-files.ts";
import { unmountContainer } from "../mounts/mount-container.ts";
import { isMounted } from "../mounts/mount-record.ts";
import { containerCgroups } from "./container-cgroups.ts";
import { containerPlaces } from "./container-places.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";

/** Control groups nest so deep at most in what we remove (cgroup.max.depth is unlimited by default). */
const deepestGroup = 32;

/**
 * Removes all that a container has, which must not run, and its record last: what is broken off half-way can still be
 * listed and removed again.
 */
export async function eraseContainer(engine: Engine, record: ContainerRecord): Promise<void> {
  if (isMounted(engine, record.id)) await unmountContainer(engine, record.id, { force: true });
  clearRun(engine, record.id); // before the exit record: the pid of a keeper that cleans up would pass for a running container's
  await engine.storage.containers.delete(record.id);
  containerRecords(engine).delete(record.id);
}

/** Removes what a start has left: run directory and control groups. */
export function clearRun(engine: Engine, id: string): void {
  removeHostPath(containerPlaces(engine, id).runDirectory);
  for (const { hostPath } of containerCgroups(id)) removeGroup(hostPath, deepestGroup);
}

/**
 * A container may have made groups within its own. There are no links in a control group file system, and its files go with
 * their directory.
 */
function removeGroup(hostPath: string, depth: number): void {
  const inner = depth > 0 ? entries(hostPath).filter((entry) => entry.isDirectory()) : [];
  for (const { name } of inner) removeGroup(`${hostPath}/${name}`, depth - 1);
  try {
    rmdirSync(hostPath);
  } catch {
    // not there, or held by a process that is just ending: the next removal takes it
  }
}

function entries(hostPath: string): Dirent[] {
  try {
    return readdirSync(hostPath, { withFileTypes: true });
  } catch {
    return [];
  }
}
