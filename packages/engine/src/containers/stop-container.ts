import { constants } from "node:os";
import type { Engine } from "../engine.ts";
import { imageRecords } from "../images/image-record.ts";
import { isGalleyError } from "@galley/spec";
import type { ContainerRecord } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { sendSignal, signalNumber } from "./signal-container.ts";
import { waitContainer } from "./wait-container.ts";

const defaultTimeoutS = 10;

/** How to stop. */
export interface StopOptions {
  /** Seconds until SIGKILL; 0 kills at once. By default what the container was created with, else 10. */
  readonly timeoutS?: number;
  readonly signal?: AbortSignal;
}

/**
 * Stops a container: its stop signal, and SIGKILL when that does not help in time. A container that does not run is left as it is.
 *
 * @throws not-found engine.container-unknown; cancelled
 */
export async function stopContainer(engine: Engine, nameOrId: string, options: StopOptions = {}): Promise<void> {
  const record = findContainer(engine, nameOrId);
  const timeoutS = options.timeoutS ?? record.options.life?.stopTimeoutS ?? defaultTimeoutS;
  if (timeoutS > 0) {
    await signalIfRunning(engine, record, stopSignal(engine, record));
    if (await endsWithin(engine, record, timeoutS * 1000, options.signal)) return;
  }
  await signalIfRunning(engine, record, constants.signals.SIGKILL);
  await waitContainer(engine, record.id, options).catch(goneIsFine);
}

function stopSignal(engine: Engine, record: ContainerRecord): number {
  const image = imageRecords(engine).get(record.imageId)?.value;
  return signalNumber(record.options.life?.stopSignal || image?.execution.StopSignal || "SIGTERM");
}

async function signalIfRunning(engine: Engine, record: ContainerRecord, signal: number): Promise<void> {
  const { process } = containerState(engine, record);
  if (process) await sendSignal(engine, record, process, signal);
}

async function endsWithin(engine: Engine, record: ContainerRecord, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  const { status } = containerState(engine, record);
  if (status !== "running") return true;
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
