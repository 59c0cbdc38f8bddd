import { readFileSync } from "node:fs";

/**
 * Who owns a piece of unfinished work, as the beginning of its file name: `<pid>-<start time in clock ticks>-<moment>`.
 * A pid alone is reused; with the start time (proc_pid_stat(5), field 22) it names one process until the next boot.
 */
export interface Owned {
  readonly pid: number;
  readonly startTicks: string;
  /** What follows the first dot. */
  readonly rest: string;
}

/** A new name owned by this process, for example `812-55310-9f3a61c0d2e47b15.blob`. */
export function ownerTag(rest: string): string {
  return `${process.pid}-${ownStartTicks()}-${moment()}.${rest}`;
}

/** What this process has not used before: nanoseconds of the monotonic clock, never the same twice. */
function moment(): string {
  const now = process.hrtime.bigint();
  lastMoment = now > lastMoment ? now : lastMoment + 1n;
  return lastMoment.toString(16).padStart(16, "0");
}

let lastMoment = 0n;

/** Reads such a name; undefined when it is none. */
export function parseOwnerTag(name: string): Owned | undefined {
  const match = /^(\d{1,10})-(\d{1,20})-[0-9a-f]{16}\.(.*)$/.exec(name);
  return match ? { pid: Number(match[1]), startTicks: String(match[2]), rest: String(match[3]) } : undefined;
}

/** Whether the process that owns the work still lives; a zombie does not. */
export function ownerLives(owned: Owned): boolean {
  return startTicks(owned.pid) === owned.startTicks;
}

let own: string | undefined;
function ownStartTicks(): string {
  own ??= startTicks(process.pid) ?? "0";
  return own;
}

/** Undefined when no such process lives. Systems without /proc have "0" for every process that takes signal 0. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command name (field 2) may hold blanks and parentheses; the last ")" ends it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : fields[18];
  } catch {
    return process.platform === "linux" ? undefined : signalable(pid);
  }
}

function signalable(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return "0";
  } catch {
    return undefined;
  }
}
