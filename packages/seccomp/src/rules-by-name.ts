import { returnNumber } from "./actions.ts";
import { type Comparison, comparisonOf } from "./comparison.ts";
import type { LinuxSeccomp, SeccompCondition, SeccompRule } from "./linux-seccomp.ts";

/** When all comparisons hold, this is the answer. */
export interface Clause {
  readonly comparisons: readonly Comparison[];
  readonly answer: number;
  /** The place of its rule in the filter. */
  readonly position: number;
}

/** The clauses of every call that a filter names, in the filter's order. */
export type RulesByName = Map<string, readonly Clause[]>;

/**
 * Conditions of a rule must all hold, with one exception that every runtime makes since libseccomp cannot test an
 * argument twice: when two are about the same argument, each condition is a rule of its own.
 */
function alternativesOf(args: readonly SeccompCondition[]): readonly (readonly Comparison[])[] {
  const comparisons = args.map(comparisonOf);
  const isRepeated = args.length > 1 && new Set(args.map(({ index }) => index)).size < args.length;
  return isRepeated ? comparisons.map((comparison) => [comparison]) : [comparisons];
}

/** A rule that only repeats the default action is none (as in runc and crun), though its names count as known. */
function clausesOf(rule: SeccompRule, position: number, otherwise: number): readonly Clause[] {
  const answer = returnNumber(rule.action, rule.errnoRet);
  if (answer === otherwise) return [];
  return alternativesOf(rule.args ?? []).map((comparisons) => ({ comparisons, answer, position }));
}

/** Sorts the rules of a filter by call. Throws `invalid` for a wrong action or condition. */
export function rulesByName({ syscalls = [], defaultAction, defaultErrnoRet }: LinuxSeccomp): RulesByName {
  const otherwise = returnNumber(defaultAction, defaultErrnoRet);
  const known: RulesByName = new Map();
  for (const [position, rule] of syscalls.entries()) {
    const clauses = clausesOf(rule, position, otherwise);
    for (const name of rule.names) {
      const present = known.get(name);
      known.set(name, present ? [...present, ...clauses] : clauses);
    }
  }
  return known;
}
