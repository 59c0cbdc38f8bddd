import type { GroupDirectory } from "./group-paths.ts";
import { keyedNumbers } from "./keyed-numbers.ts";

/** What a group uses. What the host does not count is absent. */
export interface CgroupStats {
  readonly memory?: {
    readonly usageBytes: number;
    /** Absent when unlimited. */
    readonly limitBytes?: number;
    /** File pages that could go at once; people want to see usage without them. */
    readonly inactiveFileBytes: number;
    readonly oomKills: number;
  };
  readonly cpu?: {
    readonly usageMicroseconds: number;
    readonly userMicroseconds: number;
    readonly systemMicroseconds: number;
    readonly throttledMicroseconds: number;
  };
  readonly pids?: { readonly current: number; readonly limit?: number };
}

const files: Readonly<Record<1 | 2, Readonly<Record<string, readonly string[]>>>> = {
  1: {
    memory: ["memory.usage_in_bytes", "memory.limit_in_bytes", "memory.stat", "memory.oom_control"],
    cpu: ["cpu.stat"],
    cpuacct: ["cpuacct.usage", "cpuacct.usage_user", "cpuacct.usage_sys"],
    pids: ["pids.current", "pids.max"],
  },
  2: {
    memory: ["memory.current", "memory.max", "memory.stat", "memory.events"],
    cpu: ["cpu.stat"],
    pids: ["pids.current", "pids.max"],
  },
};

/** Larger than any machine: how version 1 says "no limit" (the largest page count times the page size). */
const unlimitedBytes = 2 ** 62;

/**
 * The files to read for {@link parseStats}, by name. A file that is gone is a controller that does not count.
 *
 * @example
 * statFiles(plan.directories).get("pids.current"); // "/sys/fs/cgroup/pids/galley/4f1c/pids.current"
 */
export function statFiles(directories: readonly GroupDirectory[]): ReadonlyMap<string, string> {
  return new Map(
    directories.flatMap(({ version, controllers, hostPath }) =>
      controllers.flatMap((controller) =>
        (files[version][controller] ?? []).map((name) => [name, `${hostPath}/${name}`] as const),
      ),
    ),
  );
}

/**
 * Understands the texts of a group's files, of version 1, 2 or both.
 *
 * @example
 * parseStats(new Map([["pids.current", "3\n"], ["pids.max", "max\n"]])).pids; // { current: 3 }
 */
export function parseStats(texts: ReadonlyMap<string, string>): CgroupStats {
  const memory = memoryStats(texts);
  const cpu = cpuStats(texts);
  const pids = pidsStats(texts);
  return { ...(memory ? { memory } : {}), ...(cpu ? { cpu } : {}), ...(pids ? { pids } : {}) };
}

function number(texts: ReadonlyMap<string, string>, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const text = texts.get(name)?.trim();
    if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  }
  return undefined;
}

function memoryStats(texts: ReadonlyMap<string, string>): CgroupStats["memory"] {
  const usageBytes = number(texts, "memory.current", "memory.usage_in_bytes");
  if (usageBytes === undefined) return undefined;
  const limitBytes = number(texts, "memory.max", "memory.limit_in_bytes");
  const stat = keyedNumbers(texts.get("memory.stat") ?? "");
  const events = keyedNumbers(texts.get("memory.events") ?? texts.get("memory.oom_control") ?? "");
  return {
    usageBytes,
    ...(limitBytes === undefined || limitBytes >= unlimitedBytes ? {} : { limitBytes }),
    inactiveFileBytes: stat.get("total_inactive_file") ?? stat.get("inactive_file") ?? 0,
    oomKills: events.get("oom_kill") ?? 0,
  };
}

/** Version 1 counts nanoseconds, version 2 microseconds. */
function cpuStats(texts: ReadonlyMap<string, string>): CgroupStats["cpu"] {
  const stat = keyedNumbers(texts.get("cpu.stat") ?? "");
  const usage = stat.get("usage_usec");
  if (usage !== undefined) {
    return {
      usageMicroseconds: usage,
      userMicroseconds: stat.get("user_usec") ?? 0,
      systemMicroseconds: stat.get("system_usec") ?? 0,
      throttledMicroseconds: stat.get("throttled_usec") ?? 0,
    };
  }
  const nanoseconds = number(texts, "cpuacct.usage");
  if (nanoseconds === undefined) return undefined;
  const micro = (value: number | undefined): number => Math.floor((value ?? 0) / 1000);
  return {
    usageMicroseconds: micro(nanoseconds),
    userMicroseconds: micro(number(texts, "cpuacct.usage_user")),
    systemMicroseconds: micro(number(texts, "cpuacct.usage_sys")),
    throttledMicroseconds: micro(stat.get("throttled_time")),
  };
}

function pidsStats(texts: ReadonlyMap<string, string>): CgroupStats["pids"] {
  const current = number(texts, "pids.current");
  if (current === undefined) return undefined;
  const limit = number(texts, "pids.max");
  return limit === undefined ? { current } : { current, limit };
}
