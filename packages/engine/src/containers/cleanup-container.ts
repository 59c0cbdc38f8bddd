import type { Engine } from "../engine.ts";
import { beginRemoval } from "./begin-removal.ts";
import { containerRecords } from "./container-record.ts";
import { eraseContainer } from "./erase-container.ts";
import { isLeftOver } from "./reclaim-containers.ts";

/**
 * What a keeper calls when a container that is to be removed has ended and nobody was watching. One that is gone is fine.
 *
 * @example
 * await cleanupContainer(engine, id);
 */
export async function cleanupContainer(engine: Engine, id: string): Promise<void> {
  const record = containerRecords(engine).get(id)?.value;
  if (!record || !isLeftOver(engine, record)) return;
  if (beginRemoval(engine, id) === "begun") await eraseContainer(engine, record);
}
