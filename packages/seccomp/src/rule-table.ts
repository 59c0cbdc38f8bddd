import { returnNumber } from "./actions.ts";
import type { Convention } from "./architecture.ts";
import { type Comparison, comparisonOf, isAlwaysTrue, type SizedComparison } from "./comparison.ts";
import type { LinuxSeccomp, SeccompCondition, SeccompRule } from "./linux-seccomp.ts";
import { detourOf } from "./multiplexed.ts";
import { systemCalls } from "./system-calls.ts";

/** All comparisons hold: then this is the answer. */
export interface Clause {
  readonly comparisons: readonly SizedComparison[];
  readonly answer: number;
}

/** What a filter does with one call: always the same, or the answer of the first clause that holds. */
export type Outcome = number | readonly Clause[];

/** Outcomes by number. */
export type RuleTable = Map<number, Outcome>;

/** A rule in terms of the filter: one of the alternatives must hold. An alternative without comparisons always does. */
export interface PreparedRule {
  readonly names: readonly string[];
  readonly answer: number;
  readonly alternatives: readonly (readonly Comparison[])[];
}

/**
 * Conditions of a rule must all hold, with one exception that every runtime makes since libseccomp cannot test an
 * argument twice: when two are about the same argument, each condition is a rule of its own.
 */
function alternativesOf(args: readonly SeccompCondition[]): readonly (readonly Comparison[])[] {
  const comparisons = args.map(comparisonOf);
  const isRepeated = new Set(args.map(({ index }) => index)).size < args.length;
  if (isRepeated) return comparisons.map((comparison) => [comparison]);
  return [comparisons];
}

function prepare({ names, action, errnoRet, args }: SeccompRule): PreparedRule {
  return { names, answer: returnNumber(action, errnoRet), alternatives: alternativesOf(args ?? []) };
}

/** The rules of a filter; those that only repeat the default action are no rules (as in runc and crun). */
export function prepareRules({ syscalls, defaultAction, defaultErrnoRet }: LinuxSeccomp): readonly PreparedRule[] {
  const defaultAnswer = returnNumber(defaultAction, defaultErrnoRet);
  return (syscalls ?? []).map(prepare).filter(({ answer }) => answer !== defaultAnswer);
}

/** A rule without condition beats those with one; among those without, the first stays (as in libseccomp). */
function add(table: RuleTable, number: number, { comparisons, answer }: Clause): void {
  const present = table.get(number);
  if (typeof present === "number") return;
  if (comparisons.length === 0) table.set(number, answer);
  else if (present) (present as Clause[]).push({ comparisons, answer });
  else table.set(number, [{ comparisons, answer }]);
}

/** The same rule on the multiplexing call: its first argument becomes the selector. */
function redirect(comparisons: readonly SizedComparison[], selector: number): readonly SizedComparison[] {
  const chosen: SizedComparison = { index: 0, op: "SCMP_CMP_EQ", high: 0, low: selector, maskHigh: 0, maskLow: 0, wide: false };
  return [chosen, ...comparisons.filter(({ index }) => index !== 0)];
}

/** Adds one clause under a name, on both ways where there are two. */
function addNamed(table: RuleTable, name: string, { clause, convention }: { clause: Clause; convention: Convention }): void {
  const calls = systemCalls(convention.name);
  const number = calls.get(name);
  if (number !== undefined) add(table, number, clause);
  const detour = convention.name === "SCMP_ARCH_X86" ? detourOf(name) : undefined;
  if (!detour) return;
  const comparisons = redirect(clause.comparisons, detour.selector);
  add(table, calls.get(detour.through) as number, { comparisons, answer: clause.answer });
}

/** The outcomes of one convention. Names that it does not know are skipped. */
export function tabulate(rules: readonly PreparedRule[], convention: Convention): RuleTable {
  const table: RuleTable = new Map();
  const size = (comparison: Comparison): SizedComparison => ({ ...comparison, wide: convention.wide });
  for (const { names, answer, alternatives } of rules) {
    for (const alternative of alternatives) {
      const comparisons = alternative.map(size).filter((comparison) => !isAlwaysTrue(comparison));
      const clause: Clause = { comparisons, answer };
      for (const name of names) addNamed(table, name, { clause, convention });
    }
  }
  return table;
}

/** The highest number that any rule names, also one that repeats the default action; undefined when there is none. */
export function highestNamed(rules: readonly SeccompRule[], { name: convention }: Convention): number | undefined {
  const calls = systemCalls(convention);
  let highest = 0;
  for (const { names } of rules) for (const name of names) highest = Math.max(highest, calls.get(name) ?? 0);
  return highest === 0 ? undefined : highest;
}
