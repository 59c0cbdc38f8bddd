import { lanesOf } from "./lanes-of.ts";
import { limits } from "./limits.ts";
import { rules } from "./rules.ts";
import type { Plan } from "./step.ts";

/** One broken rule: where, and what is wrong. */
export interface Finding {
  /** The rule's name: "seccomp last before exec". */
  readonly rule: string;
  readonly lane: string;
  /** The step's number within the lane, from 1. */
  readonly step: number;
  readonly message: string;
}

/**
 * The rules that a plan breaks; none means that the kernel will not be surprised. It performs nothing.
 *
 * @example
 * const findings = check(plan);
 * if (findings.length > 0) throw new Error(findings[0].message);
 */
export function check(plan: Plan): readonly Finding[] {
  const lanes = lanesOf(plan);
  const findings = rules.flatMap((rule) => rule.find(lanes).map((found) => ({ rule: rule.name, ...found })));
  if (lanes.length > limits.lanes) {
    findings.push({
      rule: "limits",
      lane: plan.lane.lane,
      step: 0,
      message: `${lanes.length} lanes, over ${limits.lanes}`,
    });
  }
  return findings;
}
