import { badArchitectureReturn, newerCallReturn, returnNumber } from "./actions.ts";
import { type Convention, x32Bit } from "./architecture.ts";
import type { LinuxSeccomp } from "./linux-seccomp.ts";
import { highestNamed, type Outcome, type PreparedRule, prepareRules, tabulate } from "./rule-table.ts";

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

const enosys = 38;

/**
 * Whether calls newer than the profile get ENOSYS in place of the default action, as runc does it: programs try a new
 * call and fall back to an old one only on ENOSYS, while profiles answer EPERM to what they do not know.
 */
function answersNewerCalls({ defaultAction, defaultErrnoRet }: LinuxSeccomp): boolean {
  const isPermissive = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(defaultAction);
  return !isPermissive && defaultErrnoRet !== enosys;
}

function extend(stretches: Stretch[], start: number, outcome: Outcome): void {
  const last = stretches.at(-1);
  if (last?.outcome === outcome) return;
  if (last?.start === start) {
    stretches.pop();
    extend(stretches, start, outcome);
  } else stretches.push({ start, outcome });
}

/** The filter, with its rules made ready once for all conventions. */
interface Prepared {
  readonly seccomp: LinuxSeccomp;
  readonly rules: readonly PreparedRule[];
  readonly gap: number;
}

/** Adds the numbers of one convention, from its base upward. */
function addConvention(stretches: Stretch[], { seccomp, rules, gap }: Prepared, convention: Convention): void {
  const { base } = convention;
  const table = tabulate(rules, convention);
  extend(stretches, base, gap);
  for (const number of [...table.keys()].sort((a, b) => a - b)) {
    extend(stretches, base + number, table.get(number) as Outcome);
    extend(stretches, base + number + 1, gap);
  }
  const highest = answersNewerCalls(seccomp) ? highestNamed(seccomp.syscalls ?? [], convention) : undefined;
  if (highest !== undefined) extend(stretches, base + highest + 1, newerCallReturn);
}

/** x32 calls of a filter that does not know x32 are calls of a wrong architecture; -1 is a call that a tracer skipped. */
function addNoX32(stretches: Stretch[], gap: number): void {
  extend(stretches, x32Bit, badArchitectureReturn);
  extend(stretches, 0xffff_ffff, gap);
}

/** Lays the rules of a filter on one line of numbers for each audit number, native first. */
export function numberLines(seccomp: LinuxSeccomp, conventions: readonly Convention[]): readonly NumberLine[] {
  const gap = returnNumber(seccomp.defaultAction, seccomp.defaultErrnoRet);
  const prepared: Prepared = { seccomp, rules: prepareRules(seccomp), gap };
  const lines = new Map<number, Stretch[]>();
  for (const convention of conventions) {
    const stretches = lines.get(convention.auditNumber) ?? [];
    addConvention(stretches, prepared, convention);
    lines.set(convention.auditNumber, stretches);
  }
  const native = conventions[0];
  const hasX32 = conventions.some(({ base }) => base !== 0);
  if (native?.name === "SCMP_ARCH_X86_64" && !hasX32) addNoX32(lines.get(native.auditNumber) as Stretch[], gap);
  return [...lines].map(([auditNumber, stretches]) => ({ auditNumber, stretches }));
}
