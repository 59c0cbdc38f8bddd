import { type FlagName, type Step, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { notifyReturn } from "./actions.ts";
import { readInstructions } from "./instructions.ts";
import { opcodes } from "./opcodes.ts";

const step = stepper("seccomp");

const flagNames: Readonly<Record<string, FlagName<"seccomp">>> = {
  SECCOMP_FILTER_FLAG_LOG: "log",
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: "speculationAllowed",
  SECCOMP_FILTER_FLAG_TSYNC: "threadSync",
};

function flagName(flag: string): FlagName<"seccomp"> {
  const name = Object.hasOwn(flagNames, flag) ? flagNames[flag] : undefined;
  if (name) return name;
  throw galleyError("unsupported", "seccomp.flag", `seccomp flag ${flag} is not supported`, { details: { flag } });
}

function asksListener(program: Uint8Array): boolean {
  return readInstructions(program).some(({ opcode, operand }) => opcode === opcodes.return && operand === notifyReturn);
}

/**
 * The step that loads a filter. `flags` are those of `linux.seccomp.flags`. It must come after all that needs
 * privileges, and after no_new_privs unless CAP_SYS_ADMIN is still there (seccomp(2), EACCES). Throws `unsupported`
 * for an unknown flag and for a filter with SCMP_ACT_NOTIFY: nobody would listen, and its calls would fail with ENOSYS.
 *
 * @example
 * const steps = [...identitySteps, seccompStep(compileSeccomp(seccomp, { architecture: "amd64" }), seccomp.flags)];
 */
export function seccompStep(program: Uint8Array, flags: readonly string[] = []): Step {
  const names = flags.map(flagName);
  if (asksListener(program)) {
    throw galleyError(
      "unsupported",
      "seccomp.listener",
      "seccomp filter uses SCMP_ACT_NOTIFY, and listeners are not supported",
    );
  }
  const instructions = program.byteLength / 8;
  const args = names.length ? { program, flags: names } : { program };
  return step("seccomp", args, `load a system call filter of ${instructions} instructions`);
}
