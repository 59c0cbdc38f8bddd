import { capabilityNames, podmanCapabilities } from "@galley/capabilities";
import { stepper } from "@galley/plan";
import type { LinuxSpec, ProcessSpec, RuntimeSpec } from "@galley/spec";
import type { ContainerLaunch } from "../container-plan.ts";
import type { ExecLaunch } from "../exec-plan.ts";
import type { KeeperLaunch } from "../keeper-steps.ts";
import { layouts } from "./layouts.ts";

const step = stepper("test");
const names = capabilityNames(podmanCapabilities);

/** A process as engines write it, with changes. */
export function processSpec(changes: Partial<ProcessSpec> = {}): ProcessSpec {
  return {
    user: { uid: 0, gid: 0 },
    args: ["sh", "-c", "echo hi"],
    env: ["PATH=/bin"],
    cwd: "/",
    capabilities: { bounding: names, effective: names, permitted: names },
    ...changes,
  };
}

/** The mounts that every container has. */
export const usualMounts: NonNullable<RuntimeSpec["mounts"]> = [
  { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  {
    destination: "/dev/pts",
    type: "devpts",
    source: "devpts",
    options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
  },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "ro"] },
];

const usualNamespaces = ["pid", "network", "ipc", "uts", "mount", "cgroup"] as const;

/** A specification as engines write it, with changes to each part. */
export function runtimeSpec(changes: SpecChanges = {}): RuntimeSpec {
  const { process, linux, ...others } = changes;
  return {
    ociVersion: "1.2.0",
    root: { path: "rootfs" },
    mounts: usualMounts,
    process: processSpec(process),
    linux: { namespaces: usualNamespaces.map((type) => ({ type })), ...linux },
    ...others,
  };
}

/** What to change in `runtimeSpec`. */
export interface SpecChanges extends Omit<Partial<RuntimeSpec>, "process" | "linux"> {
  readonly process?: Partial<ProcessSpec>;
  readonly linux?: Partial<LinuxSpec>;
}

/** A keeper nobody starts. */
export function keeperLaunch(changes: Partial<KeeperLaunch> = {}): KeeperLaunch {
  return {
    programPath: "/usr/lib/galley/keeper",
    runDirectory: "/run/galley/c1",
    keepDirectory: "/var/lib/galley/containers/c1",
    stamp: "boot-1",
    names: { log: "log", pid: "pid", exit: "exit", socket: "attach.sock" },
    attached: false,
    ...changes,
  };
}

/** A launch of a specification on a host that does not exist. */
export function containerLaunch(
  spec: RuntimeSpec = runtimeSpec(),
  changes: Partial<ContainerLaunch> = {},
): ContainerLaunch {
  return {
    id: "c1",
    spec,
    architecture: "amd64",
    mountRoot: (out) => [step("openTree", { path: "/srv/bundle/rootfs", flags: ["recursive"], out }, "take the root")],
    sourceKind: () => "directory",
    cgroups: layouts.hybrid,
    keeper: keeperLaunch(),
    openStdin: false,
    ...changes,
  };
}

/** A launch of one more process in a container that does not exist. */
export function execLaunch(process: Partial<ProcessSpec> = {}, changes: Partial<ExecLaunch> = {}): ExecLaunch {
  return {
    title: "exec in container c1",
    target: { pid: 4711, startTicks: 123_456 },
    namespaces: ["mount", "pid", "network", "uts", "ipc", "cgroup"],
    cgroups: [],
    process: processSpec(process),
    architecture: "amd64",
    keeper: keeperLaunch(),
    openStdin: false,
    ...changes,
  };
}
