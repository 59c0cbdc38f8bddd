import type { Socket } from "node:net";
import { type Inherit, type StageProcess, startStage } from "./stage-process.ts";

/** A process that was started before its plan is there, so that both are made ready at the same time. */
export interface SpareProcess {
  /** Starts one, unless one waits already. It never keeps this process alive, and dies with it. */
  prepare(): void;
  /** Hands it over, if it fits what the plan needs. */
  take(inherit: Inherit): StageProcess | undefined;
}

/** Pipes where a launch has them; a plan that needs fewer leaves them alone. */
const spareInherit: Inherit = ["ignore", "ignore", "ignore", "ignore", "ignore", "pipe", "pipe"];

/** Keeps at most one process in reserve. */
export function createSpare(program: () => string): SpareProcess {
  let waiting: StageProcess | undefined;
  return {
    prepare: () => {
      if (waiting) return;
      waiting = startStage(program(), { sealed: true, inherit: spareInherit });
      hold(waiting, false);
    },
    take: (inherit) => {
      const spare = waiting;
      if (!spare || !fits(inherit)) return undefined;
      waiting = undefined;
      if (spare.child.exitCode !== null || spare.child.signalCode !== null || spare.child.pid === undefined)
        return undefined;
      hold(spare, true);
      return spare;
    },
  };
}

function fits(inherit: Inherit): boolean {
  return inherit.every((entry, index) => entry === "ignore" || (entry === "pipe" && spareInherit[index] === "pipe"));
}

function hold({ child }: StageProcess, alive: boolean): void {
  const holders = [child, ...(child.stdio ?? [])] as readonly (Pick<Socket, "ref" | "unref"> | null | undefined)[];
  for (const holder of holders) holder?.[alive ? "ref" : "unref"]?.();
}
