import { type CgroupLayout, type CgroupPlan, cgroupPlan } from "@galley/cgroups";
import {
  deviceSteps,
  devLinkSteps,
  maskSteps,
  mountSteps,
  readOnlyPathSteps,
  rootSteps,
  terminalSteps,
} from "@galley/mounts";
import {
  hostNameSteps,
  isSeparate,
  loopbackSteps,
  type NamespacePlan,
  planNamespaces,
  sysctlSteps,
} from "@galley/namespaces";
import { lane, type Mark, type Slot, type Step, slot, stepper } from "@galley/plan";
import { galleyError, type ProcessSpec, type RuntimeSpec } from "@galley/spec";
import { checkSpec } from "./check-spec.ts";
import { containerInput, hostInput } from "./empty-input.ts";
import { hostLane } from "./host-lane.ts";
import type { KeeperLaunch } from "./keeper-steps.ts";
import { processSteps } from "./process-steps.ts";
import type { LaunchPlan } from "./start-launch.ts";
import { pipeStreams, terminalStreams } from "./streams.ts";
import { type TerminalSize, terminalSize } from "./terminal-size.ts";

/** Everything about the start of one container, as data. */
export interface ContainerLaunch {
  readonly id: string;
  readonly spec: RuntimeSpec;
  /** In OCI's words: "amd64". */
  readonly architecture: string;
  /** Steps that make the root file system as a detached mount in the given slot. */
  readonly mountRoot: (out: Slot) => readonly Step[];
  /** Whether the source of a bind mount is a file or a directory; throws when it is missing. */
  readonly sourceKind: (hostPath: string) => "file" | "directory";
  /** What a path of /proc or /sys is on this kernel, where known: saves steps when it is masked. */
  readonly kindOf?: (path: string) => "file" | "directory" | "missing" | undefined;
  readonly cgroups: CgroupLayout;
  readonly keeper: KeeperLaunch;
  /** Keep standard input open. */
  readonly openStdin: boolean;
  /** A terminal's size at the start, instead of `process.consoleSize`. */
  readonly size?: TerminalSize;
  /** Two-step starts: told by TypeScript when the process may be executed. */
  readonly start?: Mark;
  /** Two-step starts: told to TypeScript when all is ready but that. */
  readonly created?: Mark;
}

const step = stepper("runtime");

/**
 * The life of a container until its program runs, in the order in which it happens.
 *
 * @throws invalid, unsupported: what the specification asks for and this runtime does not do is refused, never ignored
 *
 * @example
 * console.log(explain(containerPlan(launch).plan));
 */
export function containerPlan(launch: ContainerLaunch): LaunchPlan {
  const { spec, process, linux } = checkSpec(launch.spec);
  const namespaces = planNamespaces(
    linux.namespaces ?? [],
    linux.timeOffsets ? { timeOffsets: linux.timeOffsets } : {},
  );
  const cgroups = cgroupPlan({
    layout: launch.cgroups,
    path: linux.cgroupsPath ?? `/galley-${launch.id}`,
    resources: linux.resources,
    namespaced: isSeparate(namespaces, "cgroup"),
  });
  const root = slot("root");
  const { mountLabel, rootfsPropagation } = linux;
  const specMounts = spec.mounts ?? [];
  const mounts = mountSteps(specMounts, {
    root,
    sourceKind: launch.sourceKind,
    cgroups: cgroups.view,
    mountLabel,
    rootfsPropagation,
  });
  const rootPhases = rootSteps(root, { readOnly: spec.root?.readonly, mounts: specMounts, rootfsPropagation });
  const dev = { root, dev: mounts.fileSystems.get("/dev") };
  const devices = mounts.boundDev ? { before: [], beneath: [] } : deviceSteps(linux.devices ?? [], dev);
  const nothing = slot("null");
  const streams = process.terminal
    ? terminalStreams(
        openTerminal(process, {
          ...dev,
          pts: mounts.fileSystems.get("/dev/pts"),
          ...terminalSize(process, launch.size),
        }),
      )
    : pipeStreams({
        stdin: launch.openStdin,
        empty: dev.dev ? containerInput(dev.dev) : hostInput(),
        uid: process.user.uid,
      });
  const host = hostLane(keeperWithCgroups(launch.keeper, cgroups), streams, nothing);

  const init = lane("init", [
    ...namespaces.initSteps,
    ...cgroups.joinSteps,
    ...namespaces.cgroupSteps,
    step("session", {}, "start a session of its own"),
    ...hostNameSteps(spec, namespaces),
    ...loopbackSteps(namespaces),
    ...rootPhases.isolate,
    ...mounts.before,
    ...devices.before,
    ...launch.mountRoot(root),
    ...rootPhases.attach,
    ...mounts.beneath,
    ...devices.beneath,
    ...(mounts.boundDev ? [] : devLinkSteps({ ...dev, hasKcore: launch.kindOf?.("/proc/kcore") !== "missing" })),
    ...streams.processSteps,
    ...mounts.seal,
    ...sysctlSteps(linux.sysctl ?? {}, { namespaces, ...proc(mounts.fileSystems) }),
    ...workingDirectorySteps(process, root),
    ...readOnlyPathSteps(linux.readonlyPaths ?? [], { root }),
    ...maskSteps(linux.maskedPaths ?? [], {
      root,
      mountLabel,
      ...nullDevice(dev.dev),
      ...(launch.kindOf ? { kindOf: launch.kindOf } : {}),
    }),
    ...rootPhases.pivot,
    ...processSteps({
      process,
      architecture: launch.architecture,
      descriptors: streams.processDescriptors,
      keyring: `galley-${launch.id}`,
      committed: host.committed,
      ...(launch.created ? { created: launch.created } : {}),
      ...(linux.seccomp ? { seccomp: linux.seccomp } : {}),
    }),
  ]);

  const steps = host.steps({
    before: [...cgroups.hostSteps, ...namespaces.hostSteps],
    processLane: init,
    clone: (pidfd) =>
      step(
        "clone",
        { lane: init, namespaces: namespaces.clone, pidfd },
        `clone the first process: new ${words(namespaces)} namespaces`,
      ),
    ...(launch.start ? { start: launch.start } : {}),
  });
  const plan = { title: `run container ${launch.id}`, lane: lane("host", steps) };
  return {
    plan,
    processLane: init,
    command: process.args?.[0] ?? "",
    attached: launch.keeper.attached,
    groups: cgroups.paths,
  };
}

interface TerminalPlace {
  readonly root: Slot;
  readonly dev: Slot | undefined;
  readonly pts: Slot | undefined;
  readonly rows?: number;
  readonly columns?: number;
}

/** @throws invalid runtime.no-devpts: a terminal is opened in the container's own devpts, never in another's */
function openTerminal({ user }: ProcessSpec, { pts, ...place }: TerminalPlace): ReturnType<typeof terminalSteps> {
  if (!pts) throw galleyError("invalid", "runtime.no-devpts", "a terminal needs a mount of devpts on /dev/pts");
  return terminalSteps({ ...place, pts, owner: { uid: user.uid, gid: 5 } });
}

function proc(fileSystems: ReadonlyMap<string, Slot>): { proc?: Slot } {
  const found = fileSystems.get("/proc");
  return found ? { proc: found } : {};
}

/** The container's own null device, where nobody else could have made it. */
function nullDevice(dev: Slot | undefined): { nullDevice?: { at: Slot; path: string } } {
  return dev ? { nullDevice: { at: dev, path: "null" } } : {};
}

/** The keeper notes why memory ran out, and takes the control groups away at the end. */
function keeperWithCgroups(keeper: KeeperLaunch, cgroups: CgroupPlan): KeeperLaunch {
  const read = cgroups.oom ? { ...keeper.read, [oomRecord]: cgroups.oom.hostPath } : keeper.read;
  return { ...keeper, ...(read ? { read } : {}), rmdir: cgroups.paths };
}

/** Under this name a keeper's exit record has the beginning of the file that counts out-of-memory kills: see `parseOomKills`. */
export const oomRecord = "oom";

/** Makes the working directory where it is missing, as container engines do; a read-only root keeps what it has. */
function workingDirectorySteps({ cwd }: ProcessSpec, root: Slot): Step[] {
  const parts = cwd.split("/").filter((part) => part !== "" && part !== ".");
  const paths = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const fine = ["EEXIST", "EROFS", "ENOENT", "ENOTDIR"] as const;
  return paths.map((path) =>
    step("mkdir", { at: root, path, mode: 0o755 }, `make the working directory /${path}`, { ok: fine }),
  );
}

function words({ created }: NamespacePlan): string {
  return created.join(", ");
}
