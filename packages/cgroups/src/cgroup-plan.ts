import { type Slot, type Step, slot, stepper } from "@galley/plan";
import { galleyError, type ResourcesSpec } from "@galley/spec";
import { type CgroupView, cgroupView } from "./cgroup-view.ts";
import { compileDeviceFilter } from "./device-filter.ts";
import { type DevicePolicy, defaultDeviceRules, devicePolicy } from "./device-rules.ts";
import { deviceWritesV1 } from "./device-writes.ts";
import { type DirectoryOptions, directorySteps, hold } from "./directory-steps.ts";
import { type GroupDirectory, groupDirectories } from "./group-paths.ts";
import type { CgroupLayout } from "./layout.ts";
import { type OomFile, oomFile } from "./oom-file.ts";
import type { ResourceWrite } from "./resource-write.ts";
import { type ResourceOptions, resourceWrites } from "./resource-writes.ts";

/** What {@link cgroupPlan} needs to know. */
export interface CgroupPlanOptions {
  readonly layout: CgroupLayout;
  /** From the root of each hierarchy: `/galley/4f1c`. */
  readonly path: string;
  readonly resources?: ResourcesSpec | undefined;
  /** Controllers to join beyond those that the resources need, where the host has them; {@link accountedControllers} when absent. */
  readonly accounted?: readonly string[];
  /** Whether the container gets a cgroup namespace of its own. */
  readonly namespaced?: boolean;
  /** What the version 1 cpuset above has; needed there to choose processors. */
  readonly cpusetParent?: DirectoryOptions["cpusetParent"];
  readonly tuning?: ResourceOptions;
}

/** A container's control group as steps. */
export interface CgroupPlan {
  /** Its directories, one for each hierarchy. */
  readonly directories: readonly GroupDirectory[];
  /** Host paths to remove (rmdir(2)) once its last process is gone. */
  readonly paths: readonly string[];
  /** For the host lane: makes the directories, holds them and writes the limits. */
  readonly hostSteps: readonly Step[];
  /** For the init lane, before it makes a cgroup namespace. */
  readonly joinSteps: readonly Step[];
  /** The version 2 directory, for a `clone` straight into it instead of joining. */
  readonly unified?: Slot;
  /** Tells after the exit whether memory ran out. */
  readonly oom?: OomFile;
  /** What a mount of type `cgroup` shows. */
  readonly view?: CgroupView;
}

/** What statistics, pausing and a session's end ask of a group, even without limits. */
export const accountedControllers: readonly string[] = [
  "memory",
  "cpu",
  "cpuacct",
  "pids",
  "blkio",
  "io",
  "devices",
  "freezer",
  "name=systemd",
];

const step = stepper("cgroups");

/**
 * Turns a container's resource limits into steps (OCI runtime-spec, config-linux.md "Control groups"). Existing groups are
 * never changed but for what version 2 must hand down (`cgroup.subtree_control`); a left-over group of that path is used again.
 *
 * @throws `unsupported` for a limit that the host cannot keep, `invalid` for values or paths that make no sense.
 *
 * @example
 * const plan = cgroupPlan({ layout, path: "/galley/4f1c", resources: { pids: { limit: 20 } } });
 */
export function cgroupPlan(options: CgroupPlanOptions): CgroupPlan {
  const { layout, resources = {} } = options;
  const policy = devicePolicy([...(resources.devices ?? []), ...defaultDeviceRules]);
  const writes = [...resourceWrites(layout, resources, options.tuning), ...legacyDevices(layout, policy)];
  const needed = writes.map(({ controller }) => controller);
  const controllers = [...new Set([...needed, ...(options.accounted ?? accountedControllers)])];
  const directories = groupDirectories(layout, options.path, controllers);
  const held = directories.map((directory) => ({ directory, group: slot(slotName(directory)) }));
  const unified = held.find(({ directory }) => directory.version === 2)?.group;
  const program = layout.mode === "v2" ? compileDeviceFilter(policy) : undefined;
  const oom = oomFile(directories);
  const view = cgroupView(layout, { path: options.path, controllers, namespaced: options.namespaced ?? false });
  return {
    directories,
    paths: directories.map(({ hostPath }) => hostPath),
    hostSteps: [
      ...held.flatMap(({ directory, group }) => directorySteps(directory, group, { ...options, needed })),
      ...writes.map((write) => writeStep(held, write)),
      ...(program && unified
        ? [step("deviceFilter", { cgroup: unified, program }, "let it use only the devices it may")]
        : []),
    ],
    joinSteps: joins(held),
    ...(unified ? { unified } : {}),
    ...(oom ? { oom } : {}),
    ...(view ? { view } : {}),
  };
}

/**
 * Steps by which another process enters an existing group, for programs that are started in a running container.
 *
 * @example
 * const { hostSteps, joinSteps } = enterCgroup(plan.directories);
 */
export function enterCgroup(directories: readonly GroupDirectory[]): Pick<CgroupPlan, "hostSteps" | "joinSteps"> {
  const held = directories.map((directory) => ({ directory, group: slot(slotName(directory)) }));
  return { hostSteps: held.map(({ directory, group }) => hold(directory, group)), joinSteps: joins(held) };
}

interface Held {
  readonly directory: GroupDirectory;
  readonly group: Slot;
}

/** Version 1 devices: without the controller a list cannot be kept, and must not be forgotten. */
function legacyDevices(layout: CgroupLayout, policy: DevicePolicy): readonly ResourceWrite[] {
  if (layout.mode === "v2") return [];
  const writes = deviceWritesV1(policy);
  if (writes.length === 0 || layout.legacy.some(({ controllers }) => controllers.includes("devices"))) return writes;
  throw galleyError(
    "unsupported",
    "cgroups.resource",
    "cannot limit devices: this host has no control group controller devices",
  );
}

/**
 * A lane moves itself: it has one thread, so version 1's `tasks` does what `cgroup.procs` would, and for "0" the kernel then skips
 * the lock that every fork takes, which costs an RCU grace period of milliseconds (cgroup_procs_write_start in kernel/cgroup/cgroup.c).
 */
function joins(held: readonly Held[]): readonly Step[] {
  return held.map(({ directory, group }) => {
    const path = directory.version === 1 ? "tasks" : "cgroup.procs";
    const bytes = new TextEncoder().encode("0");
    return step("write", { at: group, path, bytes, flags: ["cgroup"] }, `join control group ${directory.hostPath}`);
  });
}

function writeStep(held: readonly Held[], write: ResourceWrite): Step {
  const of =
    held.find(({ directory }) => directory.controllers.includes(write.controller)) ??
    held.find(({ directory }) => directory.version === 2);
  if (!of) throw galleyError("internal", "cgroups.directory", `no directory for ${write.file}`);
  const bytes = new TextEncoder().encode(write.text);
  return step(
    "write",
    { at: of.group, path: write.file, bytes, flags: ["cgroup"] },
    `${write.why}: ${write.file} = ${write.text}`,
    write.ok ? { ok: write.ok } : {},
  );
}

function slotName({ version, controllers }: GroupDirectory): string {
  return version === 2 ? "cgroup" : `cgroup ${controllers.join(",")}`;
}
