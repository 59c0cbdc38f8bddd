import type { PidRecord } from "@galley/keeper";
import { lane, type Plan, slot, stepper } from "@galley/plan";
import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";
import { signalNumber } from "./signal-number.ts";

const step = stepper("engine");

/**
 * Sends a signal to process 1 of a running container.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-not-running; invalid engine.bad-signal
 *
 * @example
 * await killContainer(engine, "web", "SIGHUP");
 */
export async function killContainer(engine: Engine, nameOrId: string, signal = "SIGKILL"): Promise<void> {
  const number = signalNumber(signal);
  const record = findContainer(engine, nameOrId);
  const { status, process } = containerState(engine, record);
  if (!process) {
    const message = `can only kill running containers. ${record.id} is in state ${status}: container state improper`;
    throw galleyError("conflict", "engine.container-not-running", message);
  }
  await sendSignal(engine, record, process, number);
}

/** Sends a signal to that very process, held by a pidfd; one that has ended meanwhile needs none. */
export async function sendSignal(
  engine: Engine,
  record: ContainerRecord,
  process: PidRecord,
  signal: number,
): Promise<void> {
  try {
    await engine.ports.perform(signalPlan(record, process, signal)).ended;
  } catch (error) {
    if (!isGalleyError(error, "not-found")) throw error;
  }
}

function signalPlan(record: ContainerRecord, { child, childStart }: PidRecord, signal: number): Plan {
  const held = slot("process");
  const steps = [
    step("openProcess", { pid: child, startTicks: childStart, out: held }, "hold process 1 of the container"),
    step("signal", { process: held, signal }, `send it signal ${signal}`),
  ];
  return { title: `signal container ${record.name}`, lane: lane("signal", steps) };
}
