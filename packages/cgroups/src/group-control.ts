import { galleyError } from "@galley/spec";
import type { GroupDirectory } from "./group-paths.ts";
import { keyedNumbers } from "./keyed-numbers.ts";
import { lines } from "./layout.ts";
import { limits } from "./limits.ts";

/** One text for one file of the host. */
export interface FileWrite {
  readonly hostPath: string;
  readonly text: string;
}

/** A file and how to tell from its text that a group stands still. */
export interface FreezeState {
  readonly hostPath: string;
  readonly version: 1 | 2;
}

/**
 * Stops or resumes all processes of a group. The kernel answers later: read {@link freezeState} until it agrees (version 1 may
 * need the write again while new processes appear).
 *
 * @throws `unsupported` when the group has neither version 2 nor a freezer.
 *
 * @example
 * const { hostPath, text } = freezeWrite(plan.directories, true);
 */
export function freezeWrite(directories: readonly GroupDirectory[], frozen: boolean): FileWrite {
  const { directory, version } = freezer(directories);
  if (version === 2) return { hostPath: `${directory.hostPath}/cgroup.freeze`, text: frozen ? "1" : "0" };
  return { hostPath: `${directory.hostPath}/freezer.state`, text: frozen ? "FROZEN" : "THAWED" };
}

/** Where to read whether a group stands still. */
export function freezeState(directories: readonly GroupDirectory[]): FreezeState {
  const { directory, version } = freezer(directories);
  return { hostPath: `${directory.hostPath}/${version === 2 ? "cgroup.events" : "freezer.state"}`, version };
}

/**
 * Whether a text of {@link freezeState} says that the group stands still.
 *
 * @example
 * parseFrozen("populated 1\nfrozen 0\n", 2); // false
 */
export function parseFrozen(text: string, version: 1 | 2): boolean {
  return version === 2 ? keyedNumbers(text).get("frozen") === 1 : text.trim() === "FROZEN";
}

/**
 * Kills all processes of a group at once (`cgroup.kill`, kernel 5.14); undefined for version 1, where the pids of
 * {@link procsFile} are signalled one by one, until none is left.
 */
export function killWrite(directories: readonly GroupDirectory[]): FileWrite | undefined {
  const directory = directories.find(({ version }) => version === 2);
  return directory && { hostPath: `${directory.hostPath}/cgroup.kill`, text: "1" };
}

/**
 * Moves a process into a group from outside, where it need not do so itself. The first move in a while waits for the
 * kernel's other processors, about 4 ms (percpu_down_write in cgroup_attach_lock), so it pays to do this beside other work.
 *
 * @throws `invalid` for a pid below 1.
 *
 * @example
 * joinWrites(plan.directories, 4711)[0]; // { hostPath: "/sys/fs/cgroup/pids/galley/4f1c/cgroup.procs", text: "4711" }
 */
export function joinWrites(directories: readonly GroupDirectory[], pid: number): readonly FileWrite[] {
  if (!Number.isInteger(pid) || pid < 1) throw galleyError("invalid", "cgroups.pid", `${pid} is no process id`);
  return directories.map(({ hostPath }) => ({ hostPath: `${hostPath}/cgroup.procs`, text: String(pid) }));
}

/** The file that lists a group's processes. */
export function procsFile(directories: readonly GroupDirectory[]): string | undefined {
  const preferred =
    directories.find(({ version }) => version === 2) ??
    directories.find(({ controllers }) => controllers.includes("pids")) ??
    directories[0];
  return preferred && `${preferred.hostPath}/cgroup.procs`;
}

/**
 * The pids in a `cgroup.procs`; 0 stands for a process outside our pid namespace and is left out.
 *
 * @throws `corrupt` for anything but numbers.
 *
 * @example
 * parsePids("12\n7\n"); // [12, 7]
 */
export function parsePids(text: string): readonly number[] {
  const all = text.split("\n", limits.pids);
  return all.flatMap((line) => {
    if (line === "") return [];
    if (!/^\d{1,10}$/.test(line))
      throw galleyError("corrupt", "cgroups.procs", `${JSON.stringify(line.slice(0, 40))} is no process id`);
    return line === "0" ? [] : [Number(line)];
  });
}

/**
 * Whether a version 2 group, or one beneath it, has processes: `populated` of `cgroup.events`.
 *
 * @example
 * parsePopulated("populated 0\nfrozen 0\n"); // false
 */
export function parsePopulated(text: string): boolean {
  return lines(text).includes("populated 1");
}

function freezer(directories: readonly GroupDirectory[]): {
  readonly directory: GroupDirectory;
  readonly version: 1 | 2;
} {
  const legacy = directories.find(({ version, controllers }) => version === 1 && controllers.includes("freezer"));
  const directory = legacy ?? directories.find(({ version }) => version === 2);
  if (!directory)
    throw galleyError("unsupported", "cgroups.freezer", "cannot pause: the container has no control group that can");
  return { directory, version: directory.version };
}
