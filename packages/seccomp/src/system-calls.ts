import { conventionOf } from "./architecture.ts";
import { systemCallTables } from "./generated/system-calls.ts";
import type { SeccompArchitecture } from "./linux-seccomp.ts";

const tables = new Map<SeccompArchitecture, ReadonlyMap<string, number>>();

/**
 * Visits the calls of an architecture in the order of their numbers, without the x32 bit. A number with two names is
 * visited once, as `a=b`.
 */
export function walkSystemCalls(
  architecture: SeccompArchitecture,
  visit: (number: number, name: string) => void,
): void {
  let next = 0;
  for (const word of systemCallTables[architecture].split(" ")) {
    if (word.startsWith("@")) next = Number(word.slice(1));
    else visit(next++, word);
  }
}

/** All calls of an architecture, by name, without the x32 bit. Unpacked at first use and kept. */
export function systemCalls(architecture: SeccompArchitecture): ReadonlyMap<string, number> {
  const known = tables.get(architecture);
  if (known) return known;
  const table = new Map<string, number>();
  walkSystemCalls(architecture, (number, names) => {
    for (const name of names.split("=")) table.set(name, number);
  });
  tables.set(architecture, table);
  return table;
}

/**
 * The number of a call as the kernel sees it (with the bit of x32), or undefined where the architecture has no such call.
 *
 * @example
 * systemCallNumber("SCMP_ARCH_X86_64", "openat"); // 257
 */
export function systemCallNumber(architecture: SeccompArchitecture, name: string): number | undefined {
  const { base } = conventionOf(architecture);
  const number = systemCalls(architecture).get(name);
  return number === undefined ? undefined : base + number;
}

/**
 * The name of a call, or undefined for a number without a call.
 *
 * @example
 * systemCallName("SCMP_ARCH_X86", 1); // "exit"
 */
export function systemCallName(architecture: SeccompArchitecture, number: number): string | undefined {
  const { base } = conventionOf(architecture);
  for (const [name, candidate] of systemCalls(architecture)) if (base + candidate === number) return name;
  return undefined;
}
