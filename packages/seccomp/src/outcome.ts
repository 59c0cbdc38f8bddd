import type { Comparison } from "./comparison.ts";
import type { Clause } from "./rules-by-name.ts";

/** Comparisons as one convention needs them. */
export interface Choice {
  readonly comparisons: readonly Comparison[];
  /** Whether the high word of arguments counts. */
  readonly wide: boolean;
  readonly answer: number;
}

/** What a filter does with one call: always the same, or the answer of the first choice that holds. */
export type Outcome = number | readonly Choice[];

/** Whether a comparison is true of every value. */
function isAlwaysTrue({ op, maskHigh, maskLow }: Comparison, wide: boolean): boolean {
  return op === "SCMP_CMP_MASKED_EQ" && maskLow === 0 && (!wide || maskHigh === 0);
}

/**
 * What clauses amount to. One without condition beats those with, also earlier ones; among those without, the first
 * stays; among those with, the first that holds wins (libseccomp leaves that last case undefined).
 */
export function outcomeOf(clauses: readonly Clause[], { wide, gap }: { wide: boolean; gap: number }): Outcome {
  // Nearly every call has just one rule without condition, and a profile names hundreds at each start of a container.
  // Indexing, because destructuring an array is slow before the function is compiled.
  const only = clauses.length === 1 ? clauses[0] : undefined;
  if (only?.comparisons.length === 0) return only.answer;
  const choices = clauses.map(({ comparisons, answer }) => ({
    comparisons: comparisons.filter((comparison) => !isAlwaysTrue(comparison, wide)),
    wide,
    answer,
  }));
  const unconditional = choices.find(({ comparisons }) => comparisons.length === 0);
  if (unconditional) return unconditional.answer;
  return choices.length ? choices : gap;
}
