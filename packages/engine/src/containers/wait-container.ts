import { setTimeout as sleep } from "node:timers/promises";
import { connectAttach } from "@galley/keeper";
import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { type ContainerState, containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { bookExit } from "./start-container.ts";

/** How long to sleep between looks where no keeper can tell. */
const lookEveryMs = 50;

/**
 * Waits until a container does not run; returns its exit code, undefined when nobody saw it. As with podman and docker, one that
 * was never started is not waited for, and its code is 0. One that was removed meanwhile has ended.
 *
 * @throws not-found engine.container-unknown; cancelled engine.cancelled
 *
 * @example
 * const code = await waitContainer(engine, "web", { signal: AbortSignal.timeout(60_000) });
 */
export async function waitContainer(
  engine: Engine,
  nameOrId: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<number | undefined> {
  const { id, name } = findContainer(engine, nameOrId);
  const { signal } = options;
  for (;;) {
    if (signal?.aborted) throw cancelled(name, signal.reason);
    const now = containerRecords(engine).get(id)?.value;
    if (!now) return undefined;
    const state = containerState(engine, now);
    if (state.status === "created") return 0;
    if (state.status === "exited") return seenCode(engine, now, state);
    const code = state.status === "running" ? await keeperTells(engine, now, signal) : undefined;
    if (code !== undefined) return code;
    await sleep(lookEveryMs, undefined, options).catch(() => {}); // an abort is told above
  }
}

/** Whoever sees an end first writes it down. */
function seenCode(engine: Engine, record: ContainerRecord, { exit }: ContainerState): number | undefined {
  if (!record.exit && exit && !record.options.life?.autoRemove) bookExit(engine, record, exit);
  return exit?.code;
}

/** The keeper tells at once; when it cannot be reached, looking again must do. */
async function keeperTells(engine: Engine, record: ContainerRecord, signal?: AbortSignal): Promise<number | undefined> {
  try {
    const socket = `${containerPlaces(engine, record.id).runDirectory}/${fileNames.socket}`;
    await using attachment = await connectAttach(socket, {}, signal ? { signal } : {});
    return (await attachment.exited).code;
  } catch (error) {
    if (isGalleyError(error, "cancelled")) throw cancelled(record.name, error);
    return undefined;
  }
}

function cancelled(name: string, cause: unknown): Error {
  return galleyError("cancelled", "engine.cancelled", `wait for container ${name}: cancelled`, { cause });
}
