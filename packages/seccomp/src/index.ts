export type { Verdict } from "./actions.ts";
export { compileSeccomp } from "./compile-seccomp.ts";
export { defaultProfile } from "./default-profile.ts";
export { describeProgram } from "./describe-program.ts";
export type {
  LinuxSeccomp,
  SeccompAction,
  SeccompArchitecture,
  SeccompCondition,
  SeccompOperator,
  SeccompRule,
} from "./linux-seccomp.ts";
export type { ArchitectureEntry, Circumstances, ProfileRule, SeccompProfile } from "./profile.ts";
export { toProfileJson } from "./profile-json.ts";
export { resolveProfile, type Surroundings } from "./resolve-profile.ts";
export { seccompStep } from "./seccomp-step.ts";
export { type Simulation, type SystemCall, simulate } from "./simulate.ts";
export { systemCallName, systemCallNumber } from "./system-calls.ts";
