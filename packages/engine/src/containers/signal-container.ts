import { constants } from "node:os";
import { lane, type Plan, slot, stepper } from "@galley/plan";
import type { PidRecord } from "@galley/keeper";
import { galleyError, isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import type { ContainerRecord } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { findContainer } from "./find-container.ts";

const step = stepper("engine");
const largestSignal = 64;

/**
 * The number of a signal given as "SIGTERM", "TERM", "term" or "15".
 *
 * @throws invalid engine.bad-signal
 */
export function signalNumber(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= largestSignal) return Number(text);
  const name = text.toUpperCase().replace(/^(SIG)?/, "SIG");
  const number = (constants.signals as Readonly<Record<string, number>>)[name] ?? realTime(name);
  if (number !== undefined) return number;
  throw galleyError("invalid", "engine.bad-signal", `invalid signal: ${text}`);
}

/** SIGRTMIN+3 and its like (signal(7)): some service managers stop by them. */
function realTime(name: string): number | undefined {
  const match = /^SIGRT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (!match) return undefined;
  const number = (match[1] === "MIN" ? 34 : 64) + (match[2] === "-" ? -1 : 1) * Number(match[3] ?? 0);
  return number >= 34 && number <= largestSignal ? number : undefined;
}

/**
 * Sends a signal to process 1 of a running container.
 *
 * @throws not-found engine.container-unknown; conflict engine.container-not-running; invalid engine.bad-signal
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
export async function sendSignal(engine: Engine, record: ContainerRecord, process: PidRecord, signal: number): Promise<void> {
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
