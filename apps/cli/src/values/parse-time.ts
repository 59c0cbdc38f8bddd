import { badValue } from "../flags/usage-error.ts";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const durationShape = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
const dateShape = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * A moment, in milliseconds since 1970: seconds since 1970, a date, or a duration before now. `flag` is for the error.
 *
 * @example parseTime("1h30m", "--since", Date.now());
 */
export function parseTime(given: string, flag: string, nowMs: number): number {
  if (/^\d+(\.\d+)?$/.test(given)) return Number(given) * 1000;
  if (durationShape.test(given)) return nowMs - durationMs(given);
  const moment = dateShape.test(given) ? Date.parse(given.length === 10 ? `${given}T00:00` : given) : Number.NaN;
  if (Number.isNaN(moment)) throw badValue(`parsing ${flag} ${JSON.stringify(given)}: unable to interpret time value`);
  return moment;
}

function durationMs(given: string): number {
  const parts = [...given.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ""] ?? 0), 0);
}
