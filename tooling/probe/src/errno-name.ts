import { constants } from "node:os";

/** Kernel-internal numbers that leak to user space all the same (include/linux/errno.h). */
const internal: Readonly<Record<number, string>> = { 524: "ENOTSUPP" };
const synonyms = new Set(["EWOULDBLOCK", "EOPNOTSUPP"]);
const entries = Object.entries(constants.errno).filter(([name]) => !synonyms.has(name));
const names = new Map<number, string>(entries.map(([name, number]) => [number, name]));

/** An outcome of the probe in words: "-1" is "EPERM"; what is no errno stays as it is. */
export function errnoName(outcome: string): string {
  if (!/^-\d+$/.test(outcome)) return outcome;
  const number = -Number(outcome);
  return names.get(number) ?? internal[number] ?? `errno ${number}`;
}
