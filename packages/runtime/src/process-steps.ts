import { type CapabilitySets, dropSteps, parseCapabilities } from "@galley/capabilities";
import { type Handover, type Mark, type Step, stepper } from "@galley/plan";
import { compileSeccomp, type LinuxSeccomp, seccompStep } from "@galley/seccomp";
import { labelSteps } from "@galley/selinux";
import { galleyError, type ProcessSpec, type SeccompSpec } from "@galley/spec";
import { commandCandidates } from "./command-candidates.ts";
import { resourceLimitSteps } from "./resource-limits.ts";
import { executeWhy } from "./start-launch.ts";

const step = stepper("runtime");

/** What the last part of a process's life needs to know. */
export interface ProcessLaunch {
  readonly process: ProcessSpec;
  readonly seccomp?: SeccompSpec;
  /** As in `process.arch` of Node's words translated to OCI's: "amd64". */
  readonly architecture: string;
  readonly descriptors: readonly Handover[];
  /** A name that no other container uses: keys of the caller's session are none of a container's business. */
  readonly keyring: string;
  /** Told by the host lane once it survives the caller: from then on the process may, too. */
  readonly committed: Mark;
  /** Told when the process has nothing left to do but to become its program. */
  readonly created?: Mark;
}

/**
 * From a process inside its root to the program, in the only order that works: label after the last join, directory, limits
 * once no descriptor is needed any more, ids and capabilities, the filter, exec. Without no_new_privs the filter needs
 * CAP_SYS_ADMIN (seccomp(2)) and so comes before the ids.
 */
export function processSteps(launch: ProcessLaunch): Step[] {
  const { process } = launch;
  const filter = seccompSteps(launch);
  const early = process.noNewPrivileges ? [] : filter;
  const late = process.noNewPrivileges ? [step("noNewPrivileges", {}, "forbid new privileges"), ...filter] : [];
  return [
    ...oomScoreSteps(process),
    ...labelSteps(process.selinuxLabel ? { process: process.selinuxLabel, key: process.selinuxLabel } : {}),
    step("sessionKeyring", { name: launch.keyring }, "leave the keys of the caller's session", { ok: ["ENOSYS"] }),
    step("umask", { mask: process.user.umask ?? 0o022 }, "set the file mode creation mask"),
    step("chdir", { path: process.cwd }, `go to ${process.cwd}`),
    ...resourceLimitSteps(process.rlimits ?? []),
    ...(launch.created ? [step("tell", { mark: launch.created }, "say that the container is created")] : []),
    step("await", { mark: launch.committed }, "wait until the host lane survives the caller"),
    step("outlive", {}, "outlive the caller"),
    ...identitySteps(process, early),
    ...late,
    executeStep(launch),
  ];
}

/** Dropping from the bounding set comes first; then a filter that needs CAP_SYS_ADMIN; then the rest. */
function identitySteps({ user, capabilities = {} }: ProcessSpec, filter: readonly Step[]): Step[] {
  const [bounding, ...others] = dropSteps(capabilitySets(capabilities), {
    uid: user.uid,
    gid: user.gid,
    groups: user.additionalGids ?? [],
  });
  return [...(bounding ? [bounding] : []), ...filter, ...others];
}

/**
 * A set that is left out is empty (OCI runtime spec, config.md, "Linux Process"). The kernel lets only what is permitted and
 * inheritable be ambient (capabilities(7)); as with other runtimes the rest of the ambient set is left out.
 */
function capabilitySets(named: NonNullable<ProcessSpec["capabilities"]>): CapabilitySets {
  const set = (name: keyof typeof named): bigint => parseCapabilities(named[name] ?? []);
  const [permitted, inheritable] = [set("permitted"), set("inheritable")];
  return {
    bounding: set("bounding"),
    effective: set("effective"),
    permitted,
    inheritable,
    ambient: set("ambient") & permitted & inheritable,
  };
}

function oomScoreSteps({ oomScoreAdj }: ProcessSpec): Step[] {
  if (oomScoreAdj === undefined) return [];
  const bytes = new TextEncoder().encode(String(oomScoreAdj));
  return [
    step(
      "write",
      { path: "/proc/self/oom_score_adj", bytes, flags: ["proc"] },
      `set the out-of-memory score to ${oomScoreAdj}`,
    ),
  ];
}

function seccompSteps({ seccomp, architecture }: ProcessLaunch): Step[] {
  if (!seccomp) return [];
  return [seccompStep(compileSeccomp(seccomp as LinuxSeccomp, { architecture }), seccomp.flags)];
}

function executeStep({ process, descriptors }: ProcessLaunch): Step {
  const [command] = process.args ?? [];
  if (!command) throw galleyError("invalid", "runtime.no-command", "the process has no arguments: nothing to execute");
  const env = [...(process.env ?? [])];
  return step(
    "exec",
    { candidates: commandCandidates(command, env), argv: [...(process.args ?? [])], env, descriptors },
    executeWhy,
  );
}
