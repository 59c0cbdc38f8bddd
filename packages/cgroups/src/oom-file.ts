import type { GroupDirectory } from "./group-paths.ts";
import { keyedNumbers } from "./keyed-numbers.ts";

/** The file that counts the kernel's out-of-memory kills. */
export interface OomFile {
  /** A host path. */
  readonly hostPath: string;
  readonly version: 1 | 2;
}

/** Where a group counts them; undefined without a memory controller. */
export function oomFile(directories: readonly GroupDirectory[]): OomFile | undefined {
  const memory = directories.find(({ controllers }) => controllers.includes("memory"));
  if (!memory) return undefined;
  const name = memory.version === 1 ? "memory.oom_control" : "memory.events";
  return { hostPath: `${memory.hostPath}/${name}`, version: memory.version };
}

/**
 * How many processes the kernel killed for want of memory: `oom_kill` of `memory.oom_control` (version 1) or
 * `memory.events` (version 2). A text without it gives 0.
 *
 * @example
 * parseOomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n"); // 1
 */
export function parseOomKills(text: string): number {
  return keyedNumbers(text).get("oom_kill") ?? 0;
}
