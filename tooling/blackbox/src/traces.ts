import { globSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** The host's mounts that say anything about a folder. */
export function mountsNaming(folder: string): string[] {
  return hostMounts().filter((line) => line.includes(basename(folder)));
}

/** The host's mounts as lines. */
export function hostMounts(): string[] {
  return read("/proc/self/mountinfo").trim().split("\n");
}

/** The control groups of containers, and whether a process is in them. */
export function containerGroups(): { readonly path: string; readonly empty: boolean }[] {
  return globSync("/sys/fs/cgroup/{*/,}galley-*").map((path) => ({ path, empty: read(`${path}/cgroup.procs`) === "" }));
}

/** One process that has to do with a folder. */
export interface FoundProcess {
  readonly pid: number;
  /** The file it runs. */
  readonly program: string;
  readonly commandLine: string;
}

/** Processes that have a folder in their command line, among their open files or among their mounts; not ourselves. */
export function processesOf(folder: string): FoundProcess[] {
  const name = basename(folder);
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => isOf(pid, name))
    .map((pid) => ({ pid: Number(pid), program: link(`/proc/${pid}/exe`), commandLine: commandLine(pid) }));
}

function isOf(pid: string, name: string): boolean {
  if (read(`/proc/${pid}/stat`).includes(") Z ")) return false;
  if (commandLine(pid).includes(name) || read(`/proc/${pid}/mountinfo`).includes(name)) return true;
  return list(`/proc/${pid}/fd`).some((fd) => link(`/proc/${pid}/fd/${fd}`).includes(name));
}

/** Ends what is left of a folder's processes; a test that needs this has failed already. */
export function endProcesses(folder: string): void {
  for (const { pid } of processesOf(folder)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // gone meanwhile
    }
  }
}

const commandLine = (pid: string): string => read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();

/** Processes end while we look: what cannot be read is empty. */
function read(path: string): string {
  return orEmpty(() => readFileSync(path, "latin1"), "");
}

function link(path: string): string {
  return orEmpty(() => readlinkSync(path), "");
}

function list(path: string): string[] {
  return orEmpty(() => readdirSync(path), []);
}

function orEmpty<Value>(look: () => Value, empty: Value): Value {
  try {
    return look();
  } catch {
    return empty;
  }
}
