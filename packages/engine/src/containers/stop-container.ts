import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { PidRecord } from "@galley/keeper";
import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { imageRecords } from "../images/image-record.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { sendSignal } from "./signal-container.ts";
import { containerStopSignal, defaultStopTimeoutS } from "./stop-signal.ts";
import { waitContainer } from "./wait-container.ts";

/** How long to sleep between looks at a container that somebody is starting. */
const lookEveryMs = 20;

/** How to stop. */
export interface StopOptions {
  /** Seconds until SIGKILL; 0 kills at once. By default what the container was created with, else 10. */
  readonly timeoutS?: number;
  readonly signal?: AbortSignal;
}

/**
 * Stops a container: its stop signal, and SIGKILL when that does not help in time. One that somebody is starting is stopped once
 * it runs; one that does not run is left as it is.
 *
 * @throws not-found engine.container-unknown; cancelled
 *
 * @example
 * await stopContainer(engine, "web", { timeoutS: 2 });
 */
export async function stopContainer(engine: Engine, nameOrId: string, options: StopOptions = {}): Promise<void> {
  const record = findContainer(engine, nameOrId);
  const process = await startedProcess(engine, record, options.signal);
  if (!process) return;
  const timeoutS = options.timeoutS ?? record.options.life?.stopTimeoutS ?? defaultStopTimeoutS;
  if (timeoutS > 0) {
    const image = imageRecords(engine).get(record.imageId)?.value;
    await sendSignal(engine, record, process, containerStopSignal(record, image));
    if (await endsWithin(engine, record, timeoutS * 1000, options.signal)) return;
  }
  await sendSignal(engine, record, process, constants.signals.SIGKILL);
  await waitContainer(engine, record.id, options).catch(goneIsFine);
}

/** The process to stop; undefined when there is none, or no longer. */
async function startedProcess(
  engine: Engine,
  { id, name }: ContainerRecord,
  signal?: AbortSignal,
): Promise<PidRecord | undefined> {
  for (;;) {
    if (signal?.aborted)
      throw galleyError("cancelled", "engine.cancelled", `stop container ${name}: cancelled`, { cause: signal.reason });
    const now = containerRecords(engine).get(id)?.value;
    const state = now && containerState(engine, now);
    if (state?.status !== "starting") return state?.process;
    await sleep(lookEveryMs);
  }
}

async function endsWithin(
  engine: Engine,
  record: ContainerRecord,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const patience = AbortSignal.timeout(timeoutMs);
  try {
    await waitContainer(engine, record.id, { signal: signal ? AbortSignal.any([signal, patience]) : patience });
    return true;
  } catch (error) {
    if (signal?.aborted || !patience.aborted) return goneIsFine(error);
    return false;
  }
}

/** A container that is removed when it ends may be gone before we look. */
function goneIsFine(error: unknown): true {
  if (isGalleyError(error, "not-found")) return true;
  throw error;
}
