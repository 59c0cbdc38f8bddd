import { constants } from "node:os";
import { badValue } from "../flags/usage-error.ts";

const largestSignal = 64;
/** The C library keeps the first two real-time signals for itself, signal(7). */
const realTime = { MIN: 34, MAX: 64 } as const;

/** The number of a signal given as "SIGTERM", "term", "15" or "RTMIN+3". */
export function parseSignal(given: string): number {
  const name = given.toUpperCase().replace(/^(SIG)?/, "SIG");
  const number = /^\d+$/.test(given)
    ? Number(given)
    : ((constants.signals as Record<string, number>)[name] ?? parseRealTime(name));
  if (number === undefined || number < 1 || number > largestSignal) throw badValue(`invalid signal: ${given}`);
  return number;
}

function parseRealTime(name: string): number | undefined {
  const [, end, sign, offset = "0"] = /^SIGRT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name) ?? [];
  if (end === undefined) return undefined;
  const number = realTime[end as "MIN" | "MAX"] + (sign === "-" ? -1 : 1) * Number(offset);
  return number >= realTime.MIN && number <= realTime.MAX ? number : undefined;
}
