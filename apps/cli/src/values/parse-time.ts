import { badValue } from "../flags/usage-error.ts";
import { isDuration, parseDuration } from "./parse-duration.ts";

const dateShape = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * A moment, in milliseconds since 1970: seconds since 1970, a date, or a duration before now. `flag` is for the error.
 *
 * @example parseTime("1h30m", "--since", Date.now());
 */
export function parseTime(given: string, flag: string, nowMs: number): number {
  if (/^\d+(\.\d+)?$/.test(given)) return Number(given) * 1000;
  if (isDuration(given)) return nowMs - parseDuration(given);
  const moment = dateShape.test(given) ? Date.parse(given.length === 10 ? `${given}T00:00` : given) : Number.NaN;
  if (Number.isNaN(moment)) throw badValue(`parsing ${flag} ${JSON.stringify(given)}: unable to interpret time value`);
  return moment;
}
