import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { containerState } from "./container-state.ts";
import { eraseContainer } from "./erase-container.ts";
import { findContainer } from "./find-container.ts";
import { stopContainer } from "./stop-container.ts";

/** How to remove. */
export interface RemoveOptions {
  /** Stop a running container first. */
  readonly force?: boolean;
  /** Seconds until SIGKILL when stopping; 0 with `force` unless given. */
  readonly timeoutS?: number;
  readonly signal?: AbortSignal;
}

/**
 * Removes a container with its writable layer and log. Needs no free space, and goes on where an earlier one broke off.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-running
 */
export async function removeContainer(engine: Engine, nameOrId: string, options: RemoveOptions = {}): Promise<void> {
  const record = findContainer(engine, nameOrId);
  const { status } = containerState(engine, record);
  if (status === "running" || status === "starting") {
    if (!options.force) throw inUse(record.id, status);
    await stopContainer(engine, record.id, options);
  }
  await eraseContainer(engine, record);
}

function inUse(id: string, status: string): Error {
  const message = `cannot remove container ${id} as it is ${status} - running or paused containers cannot be removed without force: container state improper`;
  return galleyError("conflict", "engine.container-running", message);
}
