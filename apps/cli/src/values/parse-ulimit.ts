import { badValue } from "../flags/usage-error.ts";

/** One resource limit; -1 is unlimited. */
export interface ParsedUlimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** getrlimit(2), without RLIMIT_. */
const names = new Set([
  ...[
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
  ],
  ...["sigpending", "stack", "as"],
]);

/**
 * One `--ulimit`: NAME=SOFT[:HARD]. "host" keeps the caller's limits, which is what happens anyway: undefined.
 *
 * @example parseUlimit("nofile=1024:2048"); // { name: "nofile", soft: 1024, hard: 2048 }
 */
export function parseUlimit(given: string): ParsedUlimit | undefined {
  if (given === "host") return undefined;
  const [, name, soft, hard = soft] = /^([a-z]+)=([^:]+)(?::(.+))?$/.exec(given) ?? [];
  if (name === undefined || soft === undefined || hard === undefined)
    throw refused(given, `invalid ulimit argument: ${given}`);
  if (!names.has(name)) throw refused(given, `invalid ulimit type: ${name}`);
  const limit = { name, soft: parseLimit(given, soft), hard: parseLimit(given, hard) };
  if (order(limit.soft) > order(limit.hard)) {
    throw refused(given, `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return limit;
}

function parseLimit(given: string, limit: string): number {
  if (limit === "unlimited") return -1;
  if (!/^(-1|\d+)$/.test(limit) || !Number.isSafeInteger(Number(limit))) throw refused(given, `not a number: ${limit}`);
  return Number(limit);
}

function order(limit: number): number {
  return limit === -1 ? Number.POSITIVE_INFINITY : limit;
}

function refused(given: string, why: string): Error {
  return badValue(`ulimit option ${JSON.stringify(given)} requires name=SOFT:HARD, failed to be parsed: ${why}`);
}
