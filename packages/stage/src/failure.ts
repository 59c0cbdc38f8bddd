import { errnoName, type Lane, operations, type Plan, type Step } from "@galley/plan";
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
  /** Its number within the lane, or among all streamed steps, from 1. */
  readonly step: number;
  readonly op: string;
  /** The contributing package. */
  readonly by: string;
  readonly why: string;
  readonly errno: string;
  readonly hint: string;
}

/** What is known of a step that was streamed. */
export type SentStep = Pick<Step, "by" | "why">;

/**
 * The error for a failed step: `mounts: attach /proc (lane init, step 14, moveMount): ENOENT, proc`. For a streamed step `sent` says
 * what it was, if that is still known.
 */
export function stepFailed(plan: Plan, lanes: readonly Lane[], report: Report, sent?: SentStep): Error {
  const failed = describe(lanes, report, sent);
  const place = `lane ${failed.lane}, ${report.streamed ? "streamed " : ""}step ${failed.step}, ${failed.op}`;
  const message = `${failed.by}: ${oneLine(failed.why)} (${place}): ${failed.errno}${failed.hint ? `, ${failed.hint}` : ""}`;
  return galleyError(kindsByErrno[failed.errno] ?? "internal", "stage.step-failed", message, {
    details: { ...failed, plan: plan.title },
  });
}

/** The error for a lane of which no step failed, but which ended before it executed its program. */
export function laneEnded(plan: Plan, lane: Lane): Error {
  const message = `lane ${lane.lane} ended before it executed its program`;
  return galleyError("internal", "stage.lane-ended", message, { details: { lane: lane.lane, plan: plan.title } });
}

function describe(lanes: readonly Lane[], report: Report, sent?: SentStep): FailedStep {
  const lane = lanes[report.lane];
  const op = Object.entries(operations).find(([, each]) => BigInt(each.number) === report.value)?.[0] ?? "start";
  const step = report.streamed ? sent : op === "start" ? undefined : lane?.steps[report.step];
  return {
    lane: lane?.lane ?? String(report.lane),
    step: report.step + 1,
    op,
    by: step?.by ?? "stage",
    why: step?.why ?? (report.streamed ? "perform a streamed step" : "start"),
    errno: errnoName(report.error),
    hint: oneLine(new TextDecoder().decode(report.bytes)),
  };
}

/** Hints and purposes may hold a path out of an image, made to act on a terminal. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, "?");
}
