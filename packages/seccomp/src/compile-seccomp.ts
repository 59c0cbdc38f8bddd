import { badArchitectureReturn, returnNumber } from "./actions.ts";
import { type Convention, conventionsOf } from "./architecture.ts";
import { type Address, type Assembler, createAssembler } from "./assembler.ts";
import { emitComparison } from "./emit-comparison.ts";
import type { LinuxSeccomp } from "./linux-seccomp.ts";
import { type NumberLine, numberLines, type Stretch } from "./number-line.ts";
import { dataOffsets, opcodes } from "./opcodes.ts";
import type { Choice, Outcome } from "./outcome.ts";

/** Where to emit, and what no rule matches gets. */
interface Emission {
  readonly to: Assembler;
  readonly otherwise: number;
}

/** Choices are tried in their order; the last one's failure is the default action. */
function emitChoices(choices: readonly Choice[], { to, otherwise }: Emission): Address {
  let no = to.answer(otherwise);
  for (const { comparisons, wide, answer } of choices.toReversed()) {
    let yes = to.answer(answer);
    for (const comparison of comparisons.toReversed()) yes = emitComparison(to, comparison, { yes, no, wide });
    no = yes;
  }
  return no;
}

function emitOutcome(outcome: Outcome, emission: Emission): Address {
  return typeof outcome === "number" ? emission.to.answer(outcome) : emitChoices(outcome, emission);
}

/** A balanced search tree over the stretches: about log2 of their number comparisons for any call. */
function emitTree(stretches: readonly Stretch[], emission: Emission): Address {
  const middle = stretches.length >> 1;
  const pivot = stretches[middle] as Stretch;
  if (middle === 0) return emitOutcome(pivot.outcome, emission);
  const above = emitTree(stretches.slice(middle), emission);
  const below = emitTree(stretches.slice(0, middle), emission);
  return emission.to.branch(opcodes.ifAtLeast, pivot.start, above, below);
}

function emitLine({ stretches }: NumberLine, emission: Emission): Address {
  const root = emitTree(stretches, emission);
  return stretches.length > 1 ? emission.to.before(opcodes.load, dataOffsets.number) : root;
}

/** Native first, then those asked for; names of other processors are let pass, since their calls cannot come. */
function chosenConventions({ architectures = [] }: LinuxSeccomp, architecture: string): readonly Convention[] {
  const [native, ...others] = conventionsOf(architecture);
  return [native, ...others.filter(({ name }) => architectures.includes(name))];
}

/**
 * Compiles a filter to classic BPF: `struct sock_filter[]`, little-endian, ready for seccomp(2). It answers as the one
 * that libseccomp makes for runc: calls of other architectures kill the thread, names that an architecture does not
 * have are skipped, calls newer than any named get ENOSYS. Throws `invalid` for what the OCI runtime spec
 * (config-linux.md, Seccomp) does not allow or the kernel could not load, `unsupported` for a processor without tables.
 *
 * @example
 * const program = compileSeccomp({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO" }] }, { architecture: "amd64" });
 */
export function compileSeccomp(seccomp: LinuxSeccomp, { architecture }: { readonly architecture: string }): Uint8Array {
  const conventions = chosenConventions(seccomp, architecture);
  const to = createAssembler();
  const emission: Emission = { to, otherwise: returnNumber(seccomp.defaultAction, seccomp.defaultErrnoRet) };
  // Emitted from the end, so the native line comes last and lies nearest to the start.
  const lines = numberLines(seccomp, conventions).toReversed();
  const bodies = lines.map((line) => ({ auditNumber: line.auditNumber, body: emitLine(line, emission) }));
  let next = to.answer(badArchitectureReturn);
  for (const { auditNumber, body } of bodies) next = to.branch(opcodes.ifEqual, auditNumber, body, next);
  to.before(opcodes.load, dataOffsets.architecture);
  return to.finish();
}
