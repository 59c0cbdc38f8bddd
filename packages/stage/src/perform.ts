import type { ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import {
  encode,
  encodeStream,
  endOfStream,
  lanesOf,
  type Perform,
  type Performance,
  type PerformOptions,
  type Plan,
  type Step,
} from "@galley/plan";
import { galleyError } from "@galley/spec";
import { createListener } from "./listener.ts";
import { createReportReader, type Report } from "./report.ts";
import { createSpare, type SpareProcess } from "./spare-process.ts";
import { stagePath } from "./stage-path.ts";
import { type Inherit, type StageProcess, startStage } from "./stage-process.ts";
import { traceProcess } from "./trace-process.ts";

/** What `createPerform` may be told. */
export interface PerformerOptions {
  /** The program; by default the one that `stagePath` finds. */
  readonly programPath?: string;
  /**
   * Writes every system call to this file, also those of the processes that the plan starts, with strace(1), which must be
   * installed. The variable STRACE=1 does the same, to ./stage-PID.strace.
   */
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
  const spare = createSpare(() => options.programPath ?? stagePath());
  const performOne = (plan: Plan, performOptions: PerformOptions = {}): Performance =>
    start(plan, performOptions, { ...options, spare });
  return Object.assign(performOne, { prepare: spare.prepare });
}

/** Performs one plan with the program that comes with this package. */
export const perform: Perform = createPerform();

const controlIndex = 3;
const reportIndex = 4;

interface Performer extends PerformerOptions {
  readonly spare: SpareProcess;
}

function start(plan: Plan, options: PerformOptions, performer: Performer): Performance {
  if (options.signal?.aborted) throw cancelled(plan, options.signal);
  const encoded = encode(plan);
  const stage = stageFor(plan, options.inherit ?? [], performer);
  const { child } = stage;
  const [control, reports] = protocolStreams(child);
  const listener = createListener(plan, encoded.numbering);
  control.on("error", () => {}); // EPIPE: the report says why
  reports.on("error", () => {}); // its close is what counts
  const onReport = (report: Report): void => {
    listener.onReport(report);
    if (report.kind === "failed") control.destroy(); // a lane may wait for a word of ours, which will not come any more
  };
  reports.on("data", createReportReader(onReport));

  const abort = (): void => {
    listener.fail(cancelled(plan, options.signal));
    child.kill("SIGKILL");
  };
  options.signal?.addEventListener("abort", abort, { once: true });

  const ended = whenEnded(stage, reports, becomesProgram(plan)).then(
    () => listener.finish(),
    (cause: unknown) => listener.finish(cause),
  );
  const settle = (cause: unknown): void => {
    control.destroy();
    options.signal?.removeEventListener("abort", abort);
    listener.settle(cause);
  };
  ended.then(() => settle(galleyError("internal", "stage.not-reached", `${plan.title}: ended before that`)), settle);

  holdUntilTraced(child, performer, (cause) => {
    listener.fail(cause);
    control.destroy();
  });
  control.write(encoded.bytes);
  const send = async (steps: readonly Step[]): Promise<void> => {
    const pieces = encodeStream(steps, encoded.numbering);
    listener.sent.add(steps);
    await writeAll(control, pieces);
    if (control.destroyed) await ended;
  };
  return {
    pid: (lane) => listener.pids.get(lane),
    told: (mark) => listener.told.get(mark),
    tell: (mark) => void control.write(markBytes(encoded.numbering.marks.get(mark)?.number)),
    content: (read) => listener.content(read),
    send,
    end: () => void control.write(endOfStream),
    ended,
    streams: pipesOf(child, options.inherit ?? []),
    hostPid: child.pid as number,
  };
}

function cancelled(plan: Plan, signal: AbortSignal | undefined): Error {
  return galleyError("cancelled", "stage.cancelled", `${plan.title}: cancelled`, { cause: signal?.reason });
}

/** Without descriptors or processes to spare there are no streams either, and Node says why later, to nobody. */
function protocolStreams(child: ChildProcess): [control: Duplex, reports: Duplex] {
  const streams = (child.stdio ?? []) as readonly unknown[];
  const [control, reports] = [streams[controlIndex], streams[reportIndex]];
  if (!control || !reports)
    throw galleyError("unavailable", "stage.no-program", `cannot start ${child.spawnfile}: no descriptors are left`);
  return [control as Duplex, reports as Duplex];
}

function stageFor(plan: Plan, inherit: Inherit, { spare, programPath }: Performer): StageProcess {
  return spare.take(inherit) ?? startStage(programPath ?? stagePath(), { sealed: needsSeal(plan), inherit });
}

/** Nothing of the plan is sent before strace watches. */
function holdUntilTraced(child: ChildProcess, { tracePath }: PerformerOptions, fail: (cause: unknown) => void): void {
  const path = tracePath ?? (process.env["STRACE"] === "1" ? `stage-${child.pid}.strace` : undefined);
  if (path === undefined || child.pid === undefined) return;
  const control = child.stdio[controlIndex] as Duplex;
  control.cork();
  traceProcess(child.pid, path).then(() => control.uncork(), fail);
}

/**
 * A plan that joins or enters a container goes on as a sealed copy of the program. One that pivots and executes nothing has only shut
 * itself in, where nobody else is who could write to the program.
 */
function needsSeal(plan: Plan): boolean {
  const ops = new Set(lanesOf(plan).flatMap((lane) => lane.steps.map(({ op }) => op)));
  return ops.has("setns") || ops.has("chroot") || (ops.has("pivot") && ops.has("exec"));
}

function becomesProgram(plan: Plan): boolean {
  return plan.lane.steps.at(-1)?.op === "exec";
}

/**
 * The report stream ends when every lane has executed its program or ended; a host lane that executes nothing must also end well.
 * Of one that does, only a failure to start counts: its exit may be its program's.
 */
async function whenEnded({ child, started }: StageProcess, reports: Duplex, becomes: boolean): Promise<void> {
  const exited = new Promise<void>((resolve, reject) => {
    child.once("exit", (code, signal) => (code === 0 || becomes ? resolve() : reject(died(code, signal))));
  });
  exited.catch(() => {}); // awaited only once everything is reported, since the reports say why
  const reported = new Promise<void>((resolve) => reports.once("close", resolve));
  await started;
  await reported;
  if (becomes)
    child.unref(); // the program that the host lane became may outlive us
  else await exited;
}

function died(code: number | null, signal: string | null): Error {
  return galleyError(
    "internal",
    "stage.died",
    `stage ended ${signal ? `by ${signal}` : `with status ${code}`} without a report`,
  );
}

function markBytes(number: number | undefined): Uint8Array {
  if (number === undefined) throw galleyError("invalid", "stage.unknown-mark", "the plan has no such mark");
  return Uint8Array.of(number & 0xff, number >> 8);
}

/** Resolves when the kernel has it all, or the stream is closed: the pieces may change then. */
async function writeAll(control: Duplex, pieces: readonly Uint8Array[]): Promise<void> {
  if (pieces.length === 0 || control.destroyed) return;
  await new Promise<void>((resolve) => {
    control.cork();
    for (const piece of pieces.slice(0, -1)) control.write(piece);
    control.write(pieces.at(-1), () => resolve()); // also called for a stream that was destroyed
    control.uncork();
  });
}

function pipesOf(child: ChildProcess, inherit: readonly (number | "ignore" | "pipe")[]): ReadonlyMap<number, Duplex> {
  const pipes = inherit.flatMap((entry, index) =>
    entry === "pipe" ? [[index, child.stdio[index] as Duplex] as const] : [],
  );
  return new Map(pipes);
}
