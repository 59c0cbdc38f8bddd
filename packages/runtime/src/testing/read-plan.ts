import type { Lane, OperationName, Plan, StepOf } from "@galley/plan";

/** The lane of that name. */
export function laneOf(plan: Plan, name: string): Lane {
  const found = lanesOf(plan.lane).find((lane) => lane.lane === name);
  if (!found) throw new Error(`no lane ${name}`);
  return found;
}

/** All lanes, the host lane first. */
export function lanesOf(host: Lane): Lane[] {
  return [host, ...host.steps.flatMap((step) => (step.op === "clone" ? lanesOf(step.args.lane) : []))];
}

/** The operations of a lane, in their order. */
export function opsOf(lane: Lane): OperationName[] {
  return lane.steps.map(({ op }) => op);
}

/** The steps of one operation. */
export function stepsOf<Op extends OperationName>(lane: Lane, op: Op): StepOf<Op>[] {
  return lane.steps.filter((step) => step.op === op) as unknown as StepOf<Op>[];
}

/** The only step of an operation in a lane. */
export function theStep<Op extends OperationName>(lane: Lane, op: Op): StepOf<Op> {
  const [found, ...others] = stepsOf(lane, op);
  if (!found || others.length > 0)
    throw new Error(`lane ${lane.lane} has ${others.length + (found ? 1 : 0)} steps ${op}`);
  return found;
}
