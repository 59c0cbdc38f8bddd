import type { Engine } from "../engine.ts";
import { containerRecords } from "./container-record.ts";
import { eraseContainer } from "./erase-container.ts";
import { isLeftOver } from "./reclaim-containers.ts";

/** What a keeper calls when a container that is to be removed has ended and nobody was watching. One that is gone is fine. */
export async function cleanupContainer(engine: Engine, id: string): Promise<void> {
  const entry = containerRecords(engine).get(id);
  if (entry && isLeftOver(engine, entry.value)) await eraseContainer(engine, entry.value);
}
