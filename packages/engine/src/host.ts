import { readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { parseCapabilityStatus } from "@galley/capabilities";
import { type CgroupLayout, detectCgroups } from "@galley/cgroups";
import { platformOf } from "@galley/spec";
import type { KernelVersion } from "@galley/storage";
import type { SpecHost } from "./spec/container-spec.ts";

let knownBootId: string | undefined;

/** The boot's id: run state of another boot is void. */
export function bootId(): string {
  knownBootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return knownBootId;
}

/** The running kernel's version. */
export function kernelVersion(): KernelVersion {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return { major, minor };
}

/**
 * When a process started, in clock ticks after boot (field 22 of proc_pid_stat(5), counted after the command, which may
 * hold blanks and brackets). Undefined when there is no such process, or when it is dead and waits to be reaped.
 */
export function processStart(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

/** A process by pid and start time; pids alone are used again. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: number;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTicks: processStart(process.pid) ?? 0 };
}

/** Is that very process alive? */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  return processStart(pid) === startTicks;
}

/** Does some process hold a lock (flock(2)) on this file or directory? Looks in proc_locks(5). */
export function isLocked(hostPath: string): boolean {
  const found = statSync(hostPath, { throwIfNoEntry: false });
  if (!found) return false;
  const [major, minor] = [(found.dev >> 8) & 0xfff, (found.dev & 0xff) | ((found.dev >> 12) & 0xfff00)];
  const device = [major, minor].map((number) => number.toString(16).padStart(2, "0")).join(":");
  const lock = new RegExp(`^\\d+: FLOCK .* ${device}:${found.ino} `, "m");
  return lock.test(readFileSync("/proc/locks", "utf8"));
}

/** The control group hierarchies of this host. Where version 2 is mounted tells where to read what it offers. */
export function cgroupLayout(): CgroupLayout {
  const texts = {
    mountinfo: readFileSync("/proc/self/mountinfo", "utf8"),
    selfCgroup: readFileSync("/proc/self/cgroup", "utf8"),
  };
  const layout = detectCgroups(texts);
  if (!layout.unified) return layout;
  return detectCgroups({ ...texts, controllers: readIfThere(`${layout.unified.mountPoint}/cgroup.controllers`) });
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** What specifications depend on that is this host's. */
export function specHost(): SpecHost {
  const { bounding } = parseCapabilityStatus(readFileSync("/proc/self/status", "utf8"));
  return { architecture: platformOf(process.arch).architecture, kernelVersion: release(), capabilities: bounding };
}

/** What a path of the kernel's own file systems is: a container's /proc and /sys have the same ones. */
export function hostPathKind(path: string): "file" | "directory" | "missing" | undefined {
  if (!/^\/(proc|sys)\//.test(path)) return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return "missing";
  return found.isDirectory() ? "directory" : "file";
}
