import type { CpuSpec } from "@galley/spec";
import { limitText, numberText, type ResourceWrite, unsupported, writeWhen } from "./resource-write.ts";

const shareBounds = [2, 262_144] as const;
const microseconds = [1, Number.MAX_SAFE_INTEGER] as const;
/** The kernel's default period (kernel documentation, cgroup-v2, "cpu.max"). */
const defaultPeriod = "100000";

/**
 * Turns version 1 shares (2 to 262144, default 1024) into a version 2 weight (1 to 10000, default 100): the quadratic
 * curve through ends and default that runtimes agree on.
 *
 * @example
 * cpuWeight(1024); // 100
 */
export function cpuWeight(shares: number): number {
  if (shares <= shareBounds[0]) return 1;
  if (shares >= shareBounds[1]) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** Processor time for version 1: shares, and a quota of microseconds in each period. */
export function cpuWritesV1(cpu: CpuSpec): readonly ResourceWrite[] {
  const shares = cpu.shares ? numberText("cpu shares", cpu.shares, shareBounds) : undefined;
  return [
    ...file("cpu.shares", shares, "weigh processor time"),
    ...file("cpu.cfs_period_us", periodOf(cpu), "set the period of the processor quota"),
    ...file("cpu.cfs_quota_us", limitText("cpu quota", cpu.quota, "-1"), "limit processor time"),
    ...file("cpu.cfs_burst_us", numberText("cpu burst", cpu.burst, [0, microseconds[1]]), "let processor time burst"),
    ...file(
      "cpu.rt_period_us",
      cpu.realtimePeriod ? numberText("realtime period", cpu.realtimePeriod, microseconds) : undefined,
      "set the realtime period",
    ),
    ...file("cpu.rt_runtime_us", limitText("realtime runtime", cpu.realtimeRuntime, "-1"), "limit realtime"),
    ...file("cpu.idle", numberText("cpu idle", cpu.idle, [0, 1]), "set idle scheduling"),
  ];
}

/** Processor time for version 2: a weight, and quota and period in one file. */
export function cpuWritesV2(cpu: CpuSpec): readonly ResourceWrite[] {
  if (cpu.realtimePeriod || cpu.realtimeRuntime)
    throw unsupported("realtime scheduling", "cgroup version 2 has no such file");
  if (cpu.shares) numberText("cpu shares", cpu.shares, shareBounds);
  const quota = limitText("cpu quota", cpu.quota, "max");
  const period = periodOf(cpu);
  const max = quota === undefined && period === undefined ? undefined : `${quota ?? "max"} ${period ?? defaultPeriod}`;
  return [
    ...file("cpu.idle", numberText("cpu idle", cpu.idle, [0, 1]), "set idle scheduling"),
    ...file("cpu.weight", cpu.shares ? String(cpuWeight(cpu.shares)) : undefined, "weigh processor time"),
    ...file("cpu.max", max, "limit processor time"),
    ...file("cpu.max.burst", numberText("cpu burst", cpu.burst, [0, microseconds[1]]), "let processor time burst"),
  ];
}

/** Whether anything is asked of the cpu controller; `cpus` and `mems` belong to another. */
export function asksCpu(cpu: CpuSpec | undefined): boolean {
  if (!cpu) return false;
  const { shares, quota, period, realtimeRuntime, realtimePeriod, burst, idle } = cpu;
  return (
    [shares, quota, period, realtimeRuntime, realtimePeriod].some(Boolean) || burst !== undefined || idle !== undefined
  );
}

function periodOf({ period }: CpuSpec): string | undefined {
  return period ? numberText("cpu period", period, microseconds) : undefined;
}

function file(name: string, text: string | undefined, why: string): readonly ResourceWrite[] {
  return writeWhen(text, { controller: "cpu", file: name, why });
}
