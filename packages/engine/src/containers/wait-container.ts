import { setTimeout as sleep } from "node:timers/promises";
import { connectAttach } from "@galley/keeper";
import { isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { bookExit } from "./start-container.ts";

/** How long to sleep between looks where no keeper can tell. */
const lookEveryMs = 50;

/**
 * Waits until a container has ended; returns its exit code, undefined when nobody saw it. A container that was never
 * started is waited for until it has been started and has ended; one that was removed meanwhile has ended.
 *
 * @throws not-found engine.container-unknown; cancelled
 */
export async function waitContainer(engine: Engine, nameOrId: string, options: { readonly signal?: AbortSignal } = {}): Promise<number | undefined> {
  const record = findContainer(engine, nameOrId);
  for (;;) {
    options.signal?.throwIfAborted();
    const now = containerRecords(engine).get(record.id)?.value;
    if (!now) return undefined;
    const state = containerState(engine, now);
    if (state.status === "exited") {
      if (!now.exit && state.exit && !now.options.life?.autoRemove) bookExit(engine, now, state.exit);
      return state.exit?.code;
    }
    const code = state.status === "running" ? await keeperTells(engine, now, options.signal) : undefined;
    if (code !== undefined) return code;
    await sleep(lookEveryMs, undefined, options);
  }
}

/** The keeper tells at once; when it cannot be reached, looking again must do. */
async function keeperTells(engine: Engine, record: ContainerRecord, signal?: AbortSignal): Promise<number | undefined> {
  try {
    const socket = `${containerPlaces(engine, record.id).runDirectory}/${fileNames.socket}`;
    await using attachment = await connectAttach(socket, {}, signal ? { signal } : {});
    return (await attachment.exited).code;
  } catch (error) {
    if (isGalleyError(error, "cancelled")) throw error;
    return undefined;
  }
}
