import { lines } from "./layout.ts";

/**
 * Reads a flat keyed file: a name and a number a line (kernel documentation, cgroup-v2, "Interface File Formats"). Other
 * lines are skipped.
 *
 * @example
 * keyedNumbers("usage_usec 12\nuser_usec 8\n").get("user_usec"); // 8
 */
export function keyedNumbers(text: string): ReadonlyMap<string, number> {
  return new Map(
    lines(text).flatMap((line) => {
      const match = /^(\S+) (\d+)$/.exec(line.trimEnd());
      return match ? [[match[1] ?? "", Number(match[2])] as const] : [];
    }),
  );
}
