import { badArchitectureReturn, newerCallReturn, returnNumber } from "./actions.ts";
import { type Convention, x32Bit } from "./architecture.ts";
import type { LinuxSeccomp } from "./linux-seccomp.ts";
import { multiplexedRules } from "./multiplexed.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { type Clause, type RulesByName, rulesByName } from "./rules-by-name.ts";
import { walkSystemCalls } from "./system-calls.ts";

/** Call numbers from `start` up to the next stretch have one outcome. The first stretch starts at 0. */
export interface Stretch {
  readonly start: number;
  readonly outcome: Outcome;
}

/** All call numbers that share an audit number, as stretches in ascending order. */
export interface NumberLine {
  readonly auditNumber: number;
  readonly stretches: readonly Stretch[];
}

/** What is the same for all conventions of a filter. */
interface Common {
  readonly rules: RulesByName;
  /** What a call gets that no rule names. */
  readonly gap: number;
  /** What a call gets that is newer than any named. */
  readonly newer: number;
}

const enosys = 38;

/**
 * Calls newer than the profile get ENOSYS in place of the default action, as runc does it: programs try a new call and
 * fall back to an old one only on ENOSYS, while profiles answer EPERM to what they do not know.
 */
function newerAnswer({ defaultAction, defaultErrnoRet }: LinuxSeccomp, gap: number): number {
  const isPermissive = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(defaultAction);
  return isPermissive || defaultErrnoRet === enosys ? gap : newerCallReturn;
}

/** Adds a stretch; a start that is there already gets the new outcome. */
function extend(stretches: Stretch[], start: number, outcome: Outcome): void {
  let last = stretches.at(-1);
  if (last?.start === start) {
    stretches.pop();
    last = stretches.at(-1);
  }
  if (last?.outcome !== outcome) stretches.push({ start, outcome });
}

/** Clauses of a number with several names, which are only known apart on paper. */
function clausesOf(names: readonly string[], rules: RulesByName): readonly Clause[] {
  const clauses = names.flatMap((name) => rules.get(name) ?? []);
  return clauses.sort((a, b) => a.position - b.position);
}

/** Adds the numbers of one convention, from its base upward. */
function addConvention(stretches: Stretch[], { rules, gap, newer }: Common, convention: Convention): void {
  const { base, wide, name: conventionName } = convention;
  const detours = conventionName === "SCMP_ARCH_X86" ? multiplexedRules(rules) : undefined;
  let highest = 0;
  let next = 0;
  extend(stretches, base, gap);
  walkSystemCalls(conventionName, (number, name) => {
    const names = name.includes("=") ? name.split("=") : undefined;
    const clauses = names ? clausesOf(names, rules) : (detours?.get(name) ?? rules.get(name));
    if (number !== next) extend(stretches, base + next, gap);
    extend(stretches, base + number, clauses?.length ? outcomeOf(clauses, { wide, gap }) : gap);
    if (names ? names.some((one) => rules.has(one)) : rules.has(name)) highest = number;
    next = number + 1;
  });
  extend(stretches, base + next, gap);
  if (highest > 0 && newer !== gap) cutAbove(stretches, base + highest, newer);
}

/** Everything above a number gets one outcome. */
function cutAbove(stretches: Stretch[], last: number, outcome: Outcome): void {
  while ((stretches.at(-1)?.start ?? 0) > last) stretches.pop();
  extend(stretches, last + 1, outcome);
}

/** x32 calls of a filter that does not know x32 are calls of a wrong architecture; -1 is a call that a tracer skipped. */
function addNoX32(stretches: Stretch[], gap: number): void {
  extend(stretches, x32Bit, badArchitectureReturn);
  extend(stretches, 0xffff_ffff, gap);
}

/** Lays the rules of a filter on one line of numbers for each audit number, native first. */
export function numberLines(seccomp: LinuxSeccomp, conventions: readonly Convention[]): readonly NumberLine[] {
  const gap = returnNumber(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const common: Common = { rules: rulesByName(seccomp), gap, newer: newerAnswer(seccomp, gap) };
  const lines = new Map<number, Stretch[]>();
  for (const convention of conventions) {
    const stretches = lines.get(convention.auditNumber) ?? [];
    addConvention(stretches, common, convention);
    lines.set(convention.auditNumber, stretches);
  }
  const native = conventions[0];
  const hasX32 = conventions.some(({ base }) => base !== 0);
  if (native?.name === "SCMP_ARCH_X86_64" && !hasX32) addNoX32(lines.get(native.auditNumber) as Stretch[], gap);
  return [...lines].map(([auditNumber, stretches]) => ({ auditNumber, stretches }));
}
