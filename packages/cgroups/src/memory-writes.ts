import type { MemorySpec } from "@galley/spec";
import { invalid, limitText, numberText, type ResourceWrite, unsupported, writeWhen } from "./resource-write.ts";

/** What decides the order of two writes. */
export interface MemoryOptions {
  /** The limit in force, in bytes, when a running group is changed. A new group has none. */
  readonly currentLimitBytes?: number | undefined;
}

/** Memory limits for version 1 (kernel documentation, cgroup-v1/memory): memory, and memory and swap together. */
export function memoryWritesV1(memory: MemorySpec, options: MemoryOptions = {}): readonly ResourceWrite[] {
  refuseKernelMemory(memory);
  checkTogether(memory);
  const bothUnlimited = memory.limit === -1 && !memory.swap;
  const limit = file("memory.limit_in_bytes", limitText("memory", memory.limit, "-1"), "limit memory");
  const together = bothUnlimited
    ? [
        {
          controller: "memory",
          file: "memory.memsw.limit_in_bytes",
          text: "-1",
          why: "let memory and swap be unlimited",
          ok: ["ENOENT"] as const,
        },
      ]
    : file(
        "memory.memsw.limit_in_bytes",
        limitText("memory and swap", memory.swap, "-1"),
        "limit memory and swap together",
      );
  // The sum may never be below memory alone, so whichever grows is written first.
  const swapFirst =
    together.length > 0 && (bothUnlimited || memory.swap === -1 || isRaised(memory.swap, options.currentLimitBytes));
  return [
    ...(swapFirst ? [...together, ...limit] : [...limit, ...together]),
    ...file("memory.soft_limit_in_bytes", limitText("memory reservation", memory.reservation, "-1"), "reserve memory"),
    ...(memory.disableOOMKiller ? file("memory.oom_control", "1", "switch the out-of-memory killer off") : []),
    ...file("memory.swappiness", swappiness(memory.swappiness), "set swappiness"),
  ];
}

/** Memory limits for version 2, where swap counts alone (kernel documentation, cgroup-v2). */
export function memoryWritesV2(memory: MemorySpec): readonly ResourceWrite[] {
  refuseKernelMemory(memory);
  if (memory.disableOOMKiller) throw unsupported("the out-of-memory killer", "cgroup version 2 has no switch for it");
  if (swappiness(memory.swappiness) !== undefined) throw unsupported("swappiness", "cgroup version 2 has no such file");
  const swap = swapAlone(memory);
  // Where swap is not accounted the file is missing, and then there is nothing to forbid or to allow.
  const tolerant = swap === "0" || swap === "max" ? { ok: ["ENOENT"] as const } : {};
  return [
    ...writeWhen(swap, { controller: "memory", file: "memory.swap.max", why: "limit swap", ...tolerant }),
    ...file("memory.max", limitText("memory", memory.limit, "max"), "limit memory"),
    ...file("memory.low", limitText("memory reservation", memory.reservation, "max"), "reserve memory"),
  ];
}

/** Whether anything is asked of the memory controller. */
export function asksMemory(memory: MemorySpec | undefined): boolean {
  if (!memory) return false;
  const { limit, reservation, swap, kernel, kernelTCP, disableOOMKiller } = memory;
  const numbers = [limit, reservation, swap, kernel, kernelTCP].some((value) => value !== undefined && value !== 0);
  return numbers || disableOOMKiller === true || swappiness(memory.swappiness) !== undefined;
}

function file(name: string, text: string | undefined, why: string): readonly ResourceWrite[] {
  return writeWhen(text, { controller: "memory", file: name, why });
}

function isRaised(swap: number | undefined, currentLimitBytes: number | undefined): boolean {
  return swap !== undefined && currentLimitBytes !== undefined && currentLimitBytes < swap;
}

/** runtime-spec: `swap` is the sum. -1 is unlimited, unset leaves it alone, and unlimited memory brings unlimited swap. */
function swapAlone(memory: MemorySpec): string | undefined {
  const { limit = 0, swap = 0 } = memory;
  if (limit < 0 && swap === 0) return "max";
  if (swap === 0) return undefined;
  if (swap < 0) return "max";
  if (limit < 0) return limitText("swap", swap, "max");
  checkTogether(memory);
  if (limit === 0) throw invalid("memory and swap without a memory limit", swap);
  return String(BigInt(swap) - BigInt(limit));
}

function checkTogether({ limit = 0, swap = 0 }: MemorySpec): void {
  if (limit > 0 && swap > 0 && swap < limit)
    throw invalid(`memory and swap together, below memory alone (${limit}),`, swap);
}

function refuseKernelMemory({ kernel, kernelTCP, useHierarchy }: MemorySpec): void {
  if ((kernel ?? 0) > 0 || (kernelTCP ?? 0) > 0)
    throw unsupported("kernel memory", "the kernel has dropped these limits");
  if (useHierarchy === false) throw unsupported("memory without its hierarchy", "the kernel has dropped this mode");
}

/** -1 is "not asked", as engines write it. */
function swappiness(value: number | undefined): string | undefined {
  return value === -1 ? undefined : numberText("swappiness", value, [0, 100]);
}
