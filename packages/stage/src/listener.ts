import type { Lane, Mark, Numbering, Plan, Step } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { createDeferreds, type Deferreds } from "./deferred.ts";
import { laneEnded, stepFailed } from "./failure.ts";
import type { Report } from "./report.ts";
import { createSentSteps, type SentSteps } from "./sent-steps.ts";

/** What one performance has told so far. */
export interface Listener {
  readonly pids: Deferreds<Lane, number>;
  readonly told: Deferreds<Mark, void>;
  readonly sent: SentSteps;
  content(step: Step): Uint8Array | undefined;
  onReport(report: Report): void;
  /** Remembers a failure, unless there was one before: the first is the cause. */
  fail(cause: unknown): void;
  /** Once no lane can report any more: throws the first failure, or that a lane went without one. */
  finish(cause?: unknown): void;
  /** Rejects what is still waited for. */
  settle(cause: unknown): void;
}

/** Makes a listener for the reports about one plan. */
export function createListener(plan: Plan, numbering: Numbering): Listener {
  const { lanes } = numbering;
  const marks = [...numbering.marks.keys()];
  const pids = createDeferreds<Lane, number>();
  const told = createDeferreds<Mark, void>();
  const sent = createSentSteps();
  const contents = new Map<Step, Uint8Array>();
  const started = new Set<Lane>([plan.lane]);
  const executed = new Set<Lane>(); // a lane may be faster than the report of its pid
  let failure: { readonly cause: unknown } | undefined;
  const fail = (cause: unknown): void => {
    failure ??= { cause };
  };

  const onReport = (report: Report): void => {
    const lane = lanes[report.lane];
    const step = report.streamed ? undefined : lane?.steps[report.step];
    if (report.kind === "failed") fail(stepFailed(plan, lanes, report, sent.at(report.step)));
    else if (report.kind === "pid" && step?.op === "clone") {
      pids.resolve(step.args.lane, Number(report.value));
      started.add(step.args.lane);
    } else if (report.kind === "told" && marks[Number(report.value)])
      told.resolve(marks[Number(report.value)] as Mark, undefined);
    else if (report.kind === "content" && step) contents.set(step, joined(contents.get(step), report.bytes));
    else if (report.kind === "executing" && lane) executed.add(lane);
    else if (report.kind !== "content")
      fail(galleyError("internal", "stage.bad-report", `stage reported ${report.kind} of no such step`));
  };
  return {
    pids,
    told,
    sent,
    content: (step) => contents.get(step),
    onReport,
    fail,
    finish: (cause) => {
      const silent = [...started].find((lane) => executes(lane) && !executed.has(lane));
      if (cause !== undefined) fail(cause);
      else if (silent) fail(laneEnded(plan, silent));
      if (failure) throw failure.cause;
    },
    settle: (cause) => {
      pids.rejectAll(cause);
      told.rejectAll(cause);
    },
  };
}

function executes(lane: Lane): boolean {
  return lane.steps.at(-1)?.op === "exec";
}

/** Content comes in parts. */
function joined(before: Uint8Array | undefined, part: Uint8Array): Uint8Array {
  return before ? Buffer.concat([before, part]) : part;
}
