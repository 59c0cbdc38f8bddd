import { type Step, stepper } from "@galley/plan";
import { galleyError, type RlimitSpec } from "@galley/spec";

const step = stepper("runtime");

/** RLIMIT numbers as on x86-64 and arm64 (getrlimit(2), asm-generic/resource.h). */
const numbers: ReadonlyMap<string, number> = new Map(
  Object.entries({
    RLIMIT_CPU: 0,
    RLIMIT_FSIZE: 1,
    RLIMIT_DATA: 2,
    RLIMIT_STACK: 3,
    RLIMIT_CORE: 4,
    RLIMIT_RSS: 5,
    RLIMIT_NPROC: 6,
    RLIMIT_NOFILE: 7,
    RLIMIT_MEMLOCK: 8,
    RLIMIT_AS: 9,
    RLIMIT_LOCKS: 10,
    RLIMIT_SIGPENDING: 11,
    RLIMIT_MSGQUEUE: 12,
    RLIMIT_NICE: 13,
    RLIMIT_RTPRIO: 14,
    RLIMIT_RTTIME: 15,
  }),
);

/**
 * Steps for `process.rlimits`; -1 and values from 2^64 - 1 on are unlimited.
 *
 * @throws invalid runtime.unknown-limit, runtime.limit-twice, runtime.bad-limit
 */
export function resourceLimitSteps(limits: readonly RlimitSpec[]): Step[] {
  return limits.map((limit, index) => {
    const resource = numbers.get(limit.type);
    if (limits.findIndex(({ type }) => type === limit.type) < index) {
      throw galleyError("invalid", "runtime.limit-twice", `resource limit ${limit.type} is listed twice`);
    }
    if (resource === undefined)
      throw galleyError("invalid", "runtime.unknown-limit", `unknown resource limit ${limit.type}`);
    const args = { resource, soft: value(limit, limit.soft), hard: value(limit, limit.hard) };
    return step(
      "resourceLimit",
      args,
      `limit ${limit.type.slice("RLIMIT_".length).toLowerCase()} to ${limit.soft}:${limit.hard}`,
    );
  });
}

function value({ type }: RlimitSpec, limit: number): bigint {
  if (!Number.isInteger(limit))
    throw galleyError("invalid", "runtime.bad-limit", `resource limit ${type} cannot be ${limit}`);
  return limit < 0 || limit >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(limit);
}
