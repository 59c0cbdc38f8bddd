import { conventionOf } from "./architecture.ts";
import { systemCallTables } from "./generated/system-calls.ts";
import type { SeccompArchitecture } from "./linux-seccomp.ts";

const tables = new Map<SeccompArchitecture, ReadonlyMap<string, number>>();

function unpack(text: string): Map<string, number> {
  const table = new Map<string, number>();
  let next = 0;
  for (const word of text.split(" ")) {
    if (word.charCodeAt(0) === 64 /* @ */) next = Number(word.slice(1));
    else {
      if (!word.includes("=")) table.set(word, next);
      else for (const name of word.split("=")) table.set(name, next);
      next += 1;
    }
  }
  return table;
}

/** All calls of an architecture, by name, without the x32 bit. Unpacked at first use and kept. */
export function systemCalls(architecture: SeccompArchitecture): ReadonlyMap<string, number> {
  const known = tables.get(architecture);
  if (known) return known;
  const table = unpack(systemCallTables[architecture]);
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
