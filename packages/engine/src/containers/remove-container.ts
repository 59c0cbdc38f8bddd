import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { beginRemoval } from "./begin-removal.ts";
import { eraseContainer } from "./erase-container.ts";
import { findContainer } from "./find-container.ts";
import { stopContainer } from "./stop-container.ts";

/** How to remove. */
export interface RemoveOptions {
  /** Stop a running container first. */
  readonly force?: boolean;
  /** With `force`: seconds until SIGKILL when stopping, as for `stopContainer`. */
  readonly timeoutS?: number;
  readonly signal?: AbortSignal;
}

/**
 * Removes a container with its writable layer and log. Needs no free space, and goes on where an earlier one broke off. One that
 * somebody else removes meanwhile is gone, which is fine.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-running; cancelled
 *
 * @example
 * await removeContainer(engine, "web", { force: true, timeoutS: 0 });
 */
export async function removeContainer(engine: Engine, nameOrId: string, options: RemoveOptions = {}): Promise<void> {
  const record = findContainer(engine, nameOrId);
  for (;;) {
    const begun = beginRemoval(engine, record.id);
    if (begun === "gone") return;
    if (begun === "begun") return eraseContainer(engine, record);
    if (!options.force) throw inUse(record.id, begun);
    await stopContainer(engine, record.id, options).catch(unlessGone);
  }
}

function unlessGone(error: unknown): void {
  if (!isGalleyError(error, "not-found")) throw error;
}

function inUse(id: string, status: string): Error {
  const message = `cannot remove container ${id} as it is ${status} - running or paused containers cannot be removed without force: container state improper`;
  return galleyError("conflict", "engine.container-running", message);
}
