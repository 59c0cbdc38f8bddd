import { errnoName, type Lane, operations, type Plan } from "@galley/plan";
import { type ErrorKind, galleyError } from "@galley/spec";
import type { Report } from "./report.ts";

const kindsByErrno: Readonly<Record<string, ErrorKind>> = {
  ENOENT: "not-found",
  ESRCH: "not-found",
  EPERM: "forbidden",
  EACCES: "forbidden",
  EEXIST: "conflict",
  EBUSY: "conflict",
  EINVAL: "invalid",
  ENOTDIR: "invalid",
  ELOOP: "invalid",
  ENAMETOOLONG: "invalid",
  ENOSYS: "unsupported",
  EOPNOTSUPP: "unsupported",
  ENODEV: "unsupported",
  ENOSPC: "unavailable",
  EDQUOT: "unavailable",
  ENOMEM: "unavailable",
  EAGAIN: "unavailable",
  EROFS: "unavailable",
};

/** What the error of a failed step carries in `details`. */
export interface FailedStep {
  readonly lane: string;
  /** Its number within the lane, from 1. */
  readonly step: number;
  readonly op: string;
  /** The contributing package. */
  readonly by: string;
  readonly why: string;
  readonly errno: string;
  readonly hint: string;
}

/** The error for a failed step: `mounts: attach /proc (lane init, step 14, moveMount): ENOENT, proc`. */
export function stepFailed(plan: Plan, lanes: readonly Lane[], report: Report): Error {
  const failed = describe(lanes, report);
  const place = `lane ${failed.lane}, step ${failed.step}, ${failed.op}`;
  const message = `${failed.by}: ${failed.why} (${place}): ${failed.errno}${failed.hint ? `, ${failed.hint}` : ""}`;
  return galleyError(kindsByErrno[failed.errno] ?? "internal", "stage.step-failed", message, {
    details: { ...failed, plan: plan.title },
  });
}

function describe(lanes: readonly Lane[], report: Report): FailedStep {
  const lane = lanes[report.lane];
  const step = lane?.steps[report.step];
  const op = Object.entries(operations).find(([, each]) => BigInt(each.number) === report.value)?.[0] ?? "start";
  const streamed = step === undefined && lane?.steps.at(-1)?.op !== "exec";
  return {
    lane: lane?.lane ?? String(report.lane),
    step: report.step + 1,
    op,
    by: step?.by ?? "stage",
    why: step?.why ?? (streamed ? "perform a streamed step" : "start"),
    errno: errnoName(report.error),
    hint: new TextDecoder().decode(report.bytes),
  };
}
