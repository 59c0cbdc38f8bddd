import { constants } from "node:os";
import { galleyError } from "@galley/spec";

const largestSignal = 64;

/**
 * The number of a signal given as "SIGTERM", "TERM", "term" or "15".
 *
 * @throws invalid engine.bad-signal
 */
export function signalNumber(text: string): number {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= largestSignal) return Number(text);
  const name = text.toUpperCase().replace(/^(SIG)?/, "SIG");
  const number = (constants.signals as Readonly<Record<string, number>>)[name] ?? realTime(name);
  if (number !== undefined) return number;
  throw galleyError("invalid", "engine.bad-signal", `invalid signal: ${text}`);
}

/** SIGRTMIN+3 and its like (signal(7)): some service managers stop by them. */
function realTime(name: string): number | undefined {
  const match = /^SIGRT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (!match) return undefined;
  const number = (match[1] === "MIN" ? 34 : 64) + (match[2] === "-" ? -1 : 1) * Number(match[3] ?? 0);
  return number >= 34 && number <= largestSignal ? number : undefined;
}
