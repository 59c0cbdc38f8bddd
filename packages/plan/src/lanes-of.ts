import type { Lane, Plan } from "./step.ts";

/**
 * All lanes of a plan, the host lane first, in the order in which `encode` numbers and `explain` prints them.
 *
 * @example
 * const steps = lanesOf(plan).flatMap((lane) => lane.steps);
 */
export function lanesOf(plan: Plan): readonly Lane[] {
  const visit = (lane: Lane): Lane[] => [
    lane,
    ...lane.steps.flatMap((step) => (step.op === "clone" ? visit(step.args.lane) : [])),
  ];
  return visit(plan.lane);
}
