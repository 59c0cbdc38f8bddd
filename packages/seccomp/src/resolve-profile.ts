import { galleyError } from "@galley/spec";
import { conventionsOf } from "./architecture.ts";
import { isKernelAtLeast } from "./kernel-version.ts";
import type { LinuxSeccomp, SeccompRule } from "./linux-seccomp.ts";
import type { Circumstances, ProfileRule, SeccompProfile } from "./profile.ts";

/** What a profile's rules may ask about. */
export interface Surroundings {
  /** OCI platform name of the processor: `amd64`, `arm64`, `riscv64`. */
  readonly architecture: string;
  /** The container's bounding set, as `CAP_SYS_ADMIN`. */
  readonly capabilities: readonly string[];
  /** `uname -r`. */
  readonly kernelVersion: string;
}

/** All of it, as `includes` wants. */
function holds(wanted: Circumstances, { architecture, capabilities, kernelVersion }: Surroundings): boolean {
  if (wanted.arches?.length && !wanted.arches.includes(architecture)) return false;
  if (wanted.caps && !wanted.caps.every((name) => capabilities.includes(name))) return false;
  return !wanted.minKernel || isKernelAtLeast(kernelVersion, wanted.minKernel);
}

/** Any of it, as `excludes` wants. */
function touches(unwanted: Circumstances, { architecture, capabilities, kernelVersion }: Surroundings): boolean {
  if (unwanted.arches?.includes(architecture)) return true;
  if (unwanted.caps?.some((name) => capabilities.includes(name))) return true;
  return Boolean(unwanted.minKernel) && isKernelAtLeast(kernelVersion, unwanted.minKernel as string);
}

function applies(rule: ProfileRule, surroundings: Surroundings): boolean {
  if (rule.excludes && touches(rule.excludes, surroundings)) return false;
  return !rule.includes || holds(rule.includes, surroundings);
}

function bare({ names, action, errnoRet, args }: ProfileRule): SeccompRule {
  return { names, action, ...(errnoRet === undefined ? {} : { errnoRet }), ...(args?.length ? { args } : {}) };
}

function architecturesOf(profile: SeccompProfile, architecture: string): readonly string[] {
  if (!profile.archMap?.length) return profile.architectures ?? [];
  if (profile.architectures?.length) {
    throw galleyError("invalid", "seccomp.profile", "seccomp profile has both architectures and archMap");
  }
  const [native] = conventionsOf(architecture);
  const entry = profile.archMap.find((candidate) => candidate.architecture === native.name);
  return entry ? [entry.architecture, ...(entry.subArchitectures ?? [])] : [];
}

/**
 * Turns a profile into what the OCI runtime spec carries: only the rules that hold here. Rules keep their order.
 * Throws `invalid` for a profile that contradicts itself, `unsupported` for a processor without tables.
 *
 * @example
 * const seccomp = resolveProfile(defaultProfile, { architecture: "amd64", capabilities: ["CAP_CHOWN"], kernelVersion: "6.1.0" });
 */
export function resolveProfile(profile: SeccompProfile, surroundings: Surroundings): LinuxSeccomp {
  const { archMap: _, syscalls, ...common } = profile;
  const architectures = architecturesOf(profile, surroundings.architecture);
  return {
    ...common,
    ...(architectures.length ? { architectures } : {}),
    syscalls: syscalls.filter((rule) => applies(rule, surroundings)).map(bare),
  };
}
