import { type Slot, type Step, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { ancestors, type GroupDirectory, normalizeGroup } from "./group-paths.ts";

const step = stepper("cgroups");
const directoryMode = 0o755;

/** What a new directory needs besides its path. */
export interface DirectoryOptions {
  /** Controllers that have limits to write. */
  readonly needed: readonly string[];
  /**
   * What `cpuset.cpus` and `cpuset.mems` hold in the nearest version 1 group above that exists already, and its path (the
   * hierarchy's root when absent). Every directory below it gets the same.
   */
  readonly cpusetParent?: { readonly cpus: string; readonly mems: string; readonly path?: string } | undefined;
}

/** Makes a group's directory and all above it, gives it what it needs to take a process, and holds it. */
export function directorySteps(directory: GroupDirectory, group: Slot, options: DirectoryOptions): readonly Step[] {
  const paths = ancestors(directory);
  const makes = paths.map((path) =>
    step("mkdir", { path, mode: directoryMode }, `make control group ${path}`, { ok: ["EEXIST"] }),
  );
  if (directory.version === 1) {
    const inherit = directory.controllers.includes("cpuset") ? cpusetSteps(directory, options) : [];
    return [...makes, ...inherit, hold(directory, group)];
  }
  const parents = [directory.mountPoint, ...paths.slice(0, -1)];
  const handing = parents.flatMap((parent, index) => [
    ...(index === 0 ? [] : makes.slice(index - 1, index)),
    ...handDown(parent, directory, options.needed),
  ]);
  return [...handing, ...makes.slice(-1), hold(directory, group)];
}

/**
 * Version 2 hands controllers down one level at a time (kernel documentation, cgroup-v2, "Enabling and Disabling"). One write for all; a
 * controller that refuses spoils that, so those with limits are asked for once more alone. What stays missing shows when its limit is written.
 */
function handDown(parent: string, { controllers }: GroupDirectory, needed: readonly string[]): readonly Step[] {
  const asked = controllers.filter((name) => needed.includes(name));
  const texts = [
    ...new Set([controllers.map((name) => `+${name}`).join(" "), ...asked.map((name) => `+${name}`)]),
  ].filter((text) => text !== "");
  return texts.map((text) =>
    step(
      "write",
      { path: `${parent}/cgroup.subtree_control`, bytes: new TextEncoder().encode(text), flags: ["cgroup"] },
      `hand ${text} down from ${parent}`,
      {
        ok: ["EBUSY", "EINVAL", "ENOENT", "EPERM", "EACCES", "EROFS", "EOPNOTSUPP"],
      },
    ),
  );
}

/** cpuset(7): a version 1 group without processors or memory nodes takes no process, and a new one has none. */
function cpusetSteps(directory: GroupDirectory, { cpusetParent }: DirectoryOptions): readonly Step[] {
  if (!cpusetParent) {
    throw galleyError(
      "invalid",
      "cgroups.cpuset-parent",
      `cannot choose processors for ${directory.hostPath}: nothing says what the group above has`,
    );
  }
  const existing = `${directory.mountPoint}${cpusetParent.path === undefined ? "" : normalizeGroup(cpusetParent.path)}`;
  const made = ancestors(directory).filter((path) => path.length > existing.length);
  const files = [
    ["cpuset.cpus", cpusetParent.cpus.trim()],
    ["cpuset.mems", cpusetParent.mems.trim()],
  ] as const;
  return made.flatMap((path) =>
    files.map(([file, text]) =>
      step(
        "write",
        { path: `${path}/${file}`, bytes: new TextEncoder().encode(text), flags: ["cgroup"] },
        `give ${path} ${file} ${text}`,
      ),
    ),
  );
}

/** Holds a directory that exists. */
export function hold({ hostPath }: GroupDirectory, group: Slot): Step {
  return step(
    "open",
    { path: hostPath, flags: ["pathOnly", "directory", "noFollow"], out: group },
    `hold control group ${hostPath}`,
  );
}
