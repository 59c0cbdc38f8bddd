import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { encode, encodeStream, endOfStream, type Lane, type Mark, type Perform, type Performance, type PerformOptions, type Plan, type Step } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { createDeferreds } from "./deferred.ts";
import { stepFailed } from "./failure.ts";
import { stagePath } from "./stage-path.ts";
import { createReportReader, type Report } from "./report.ts";

/** What `createPerform` may be told. */
export interface PerformerOptions {
  /** The program; by default the one that `stagePath` finds. */
  readonly programPath?: string;
  /** Writes every system call to this file with strace(1), which must be installed. The variable STRACE=1 does the same, to ./stage.strace. */
  readonly tracePath?: string;
}

/**
 * Makes a `Perform`: each call starts one `stage` process, which carries out one plan and dies with this process unless the
 * plan says `outlive`. A failed step rejects with one error that says lane, step, operation, contributing package and errno.
 *
 * @example
 * const perform = createPerform();
 * await perform({ title: "make a directory", lane: lane("host", [step("mkdir", { path: "/tmp/x", mode: 0o755 }, "make it")]) }).ended;
 */
export function createPerform(options: PerformerOptions = {}): Perform {
  return (plan, performOptions = {}) => start(plan, performOptions, options);
}

/** Performs one plan with the program that comes with this package. */
export const perform: Perform = createPerform();

const controlIndex = 3;
const reportIndex = 4;

function start(plan: Plan, options: PerformOptions, performer: PerformerOptions): Performance {
  options.signal?.throwIfAborted();
  const encoded = encode(plan);
  const child = spawnStage(plan, options, performer);
  const control = child.stdio[controlIndex] as Duplex;
  const reports = child.stdio[reportIndex] as Duplex;
  const pids = createDeferreds<Lane, number>();
  const told = createDeferreds<Mark, void>();
  const marks = [...encoded.numbering.marks.keys()];
  const contents = new Map<Step, Uint8Array>();
  let failure: unknown;

  const onReport = (report: Report): void => {
    if (report.kind === "pid") pids.resolve(clonedLane(encoded.numbering.lanes, report), Number(report.value));
    else if (report.kind === "told") told.resolve(marks[Number(report.value)] as Mark, undefined);
    else if (report.kind === "content") contents.set(encoded.numbering.lanes[report.lane]?.steps[report.step] as Step, report.bytes);
    else failure ??= stepFailed(plan, encoded.numbering.lanes, report);
  };
  control.on("error", () => {}); // EPIPE: the report says why
  reports.on("data", createReportReader(onReport));

  const abort = (): void => {
    failure ??= galleyError("cancelled", "stage.cancelled", `${plan.title}: cancelled`);
    child.kill("SIGKILL");
  };
  options.signal?.addEventListener("abort", abort, { once: true });

  const ended = whenEnded(child, reports, becomesProgram(plan)).then(
    () => {
      if (failure) throw failure;
    },
    (cause: unknown) => {
      throw failure ?? cause;
    },
  );
  const settle = (cause: unknown): void => {
    control.destroy();
    options.signal?.removeEventListener("abort", abort);
    pids.rejectAll(cause);
    told.rejectAll(cause);
  };
  ended.then(
    () => settle(galleyError("internal", "stage.not-reached", `${plan.title}: ended before that`)),
    (cause) => settle(cause),
  );

  control.write(encoded.bytes);
  return {
    pid: (lane) => pids.get(lane),
    told: (mark) => told.get(mark),
    tell: (mark) => void control.write(markBytes(encoded.numbering.marks.get(mark)?.number)),
    content: (read) => contents.get(read),
    send: (steps) => sendBytes(control, encodeStream(steps, encoded.numbering), ended),
    end: () => void control.write(endOfStream),
    ended,
    streams: pipesOf(child, options.inherit ?? []),
    hostPid: child.pid as number,
  };
}

function spawnStage(plan: Plan, options: PerformOptions, performer: PerformerOptions): ChildProcess {
  const program = performer.programPath ?? stagePath();
  const inherit = options.inherit ?? [];
  const stdio = [
    inherit[0] ?? "ignore",
    inherit[1] ?? "ignore",
    inherit[2] ?? "ignore",
    "pipe" as const,
    "pipe" as const,
    ...inherit.slice(5),
  ];
  const trace = performer.tracePath ?? (process.env["STRACE"] === "1" ? "stage.strace" : undefined);
  const args = needsSeal(plan.lane) ? ["--sealed"] : [];
  const command = trace ? ["strace", "-f", "-s", "256", "-o", trace, program, ...args] : [program, ...args];
  const child = spawn(command[0] as string, command.slice(1), { stdio, env: {}, cwd: "/", ...(trace ? { env: process.env } : {}) });
  child.on("error", () => {}); // told by whenEnded
  return child;
}

/** A lane that joins or enters a container goes on as a sealed copy of the program. */
function needsSeal(lane: Lane): boolean {
  return lane.steps.some(
    (step) => step.op === "setns" || step.op === "pivot" || step.op === "chroot" || (step.op === "clone" && needsSeal(step.args.lane)),
  );
}

function becomesProgram(plan: Plan): boolean {
  return plan.lane.steps.at(-1)?.op === "exec";
}

function clonedLane(lanes: readonly Lane[], report: Report): Lane {
  const step = lanes[report.lane]?.steps[report.step];
  if (step?.op !== "clone") throw galleyError("internal", "stage.bad-report", "stage reported a pid for a step that clones nothing");
  return step.args.lane;
}

/** The report stream ends when every lane has executed its program or ended; a host lane that executes nothing must also end well. */
async function whenEnded(child: ChildProcess, reports: Duplex, becomes: boolean): Promise<void> {
  const exit = new Promise<void>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(galleyError("unsupported", "stage.no-program", `cannot start ${child.spawnfile}: ${cause.message}`, { cause })),
    );
    child.once("exit", (code, signal) => (code === 0 || becomes ? resolve() : reject(died(code, signal))));
  });
  const reported = new Promise<void>((resolve) => reports.once("close", resolve));
  if (!becomes) return void (await Promise.all([exit, reported]));
  await Promise.race([reported, exit.then(() => reported)]);
  child.unref(); // the program that the host lane became may outlive us
}

function died(code: number | null, signal: string | null): Error {
  return galleyError("internal", "stage.died", `stage ended ${signal ? `by ${signal}` : `with status ${code}`} without a report`);
}

function markBytes(number: number | undefined): Uint8Array {
  if (number === undefined) throw galleyError("invalid", "stage.unknown-mark", "the plan has no such mark");
  return Uint8Array.of(number & 0xff, number >> 8);
}

async function sendBytes(control: Duplex, bytes: Uint8Array, ended: Promise<void>): Promise<void> {
  if (control.write(bytes)) return;
  const drained = new Promise<void>((resolve) => control.once("drain", resolve));
  await Promise.race([drained, ended]);
}

function pipesOf(child: ChildProcess, inherit: readonly (number | "ignore" | "pipe")[]): ReadonlyMap<number, Duplex> {
  const pipes = inherit.flatMap((entry, index) => (entry === "pipe" ? [[index, child.stdio[index] as Duplex] as const] : []));
  return new Map(pipes);
}
