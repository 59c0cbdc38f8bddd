import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Lane,
  lane,
  type Performance,
  type PerformOptions,
  type Plan,
  type Slot,
  type Step,
  slot,
  stepper,
} from "@galley/plan";
import { isGalleyError } from "@galley/spec";
import type { FailedStep } from "../failure.ts";
import { createPerform } from "../perform.ts";
import { stagePath } from "../stage-path.ts";

/** The steps of these tests name this contributor. */
export const step = stepper("stage-test");

/** A performer without what others may have set up. */
export const perform = createPerform();

/** Why the host tests of this package cannot run here, or nothing. */
export function unableHere(): string {
  if (process.platform !== "linux") return "needs Linux";
  if (process.getuid?.() !== 0) return "needs root";
  try {
    stagePath();
  } catch {
    return "needs the program stage: npm run build:native";
  }
  return "";
}

/** For the name of a suite: " (skipped: needs root)". */
export const skipped = unableHere() && ` (skipped: ${unableHere()})`;

/** How a performance ended. */
export interface Outcome {
  /** What went wrong first, with the error's own kind and message. */
  readonly failed?: FailedStep & { readonly kind: string; readonly message: string };
  /** What `read` steps reported, as text. */
  content(step: Step): string | undefined;
}

/** Performs a plan and tells how it ended. */
export function outcomeOf(plan: Plan, options: PerformOptions = {}): Promise<Outcome> {
  return outcomeOfRunning(perform(plan, options));
}

/** Waits for the end of a performance and tells how it ended. */
export async function outcomeOfRunning(performance: Performance): Promise<Outcome> {
  const content = (read: Step): string | undefined => {
    const bytes = performance.content(read);
    return bytes && Buffer.from(bytes).toString();
  };
  try {
    await performance.ended;
    return { content };
  } catch (error) {
    if (!isGalleyError(error)) throw error;
    const details = error.details as unknown as FailedStep;
    return { content, failed: { ...details, kind: error.kind, message: error.message } };
  }
}

/** Performs steps in the host lane. Only for what leaves the machine as it was. */
export function outcome(...steps: readonly Step[]): Promise<Outcome> {
  return outcomeOf({ title: "test", lane: lane("host", steps) });
}

/** A lane of its own, and the host lane's steps that perform it to its end. */
export function apart(
  steps: readonly Step[],
  namespaces: Namespaces = ["mount"],
): { readonly subject: Lane; readonly around: Step[] } {
  const calm = namespaces.includes("mount")
    ? [
        step(
          "mountAttributes",
          { path: "/", propagation: ["private"], flags: ["recursive"] },
          "keep mounts to ourselves",
        ),
      ]
    : [];
  const subject = lane("subject", [...calm, ...steps]);
  return {
    subject,
    around: [
      step("clone", { lane: subject, namespaces }, "start the subject"),
      step("finished", { lane: subject }, "wait for the subject"),
    ],
  };
}

type Namespaces = Parameters<typeof step<"clone">>[1]["namespaces"];

/** Performs steps in a lane of its own, by default in a mount namespace of its own. */
export function outcomeApart(steps: readonly Step[], namespaces?: Namespaces): Promise<Outcome> {
  return outcome(...apart(steps, namespaces).around);
}

/** A directory for one test. */
export interface Scratch extends Disposable {
  readonly path: string;
  /** The slot that `open` fills with the directory. */
  readonly root: Slot;
  readonly open: Step;
}

/** Makes a directory that goes away with the test. */
export function scratch(): Scratch {
  const path = mkdtempSync(join(tmpdir(), "galley-stage-"));
  const root = slot("root");
  return {
    path,
    root,
    open: step("open", { path, flags: ["directory", "read"], out: root }, "open the scratch directory"),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** What a program printed, and how its plan ended. */
export interface Ran extends Outcome {
  readonly output: string;
}

/** Which program, and what comes before it. */
export interface Program {
  readonly argv: readonly string[];
  readonly env?: readonly string[];
  readonly candidates?: readonly string[];
  readonly before?: readonly Step[];
  readonly descriptors?: readonly { readonly slot: Slot; readonly number: number }[];
}

/** Lets the host lane become a program; its descriptors 1 and 2 are collected. */
export async function run(program: Program): Promise<Ran> {
  const out = slot("out");
  const { argv, env = [], candidates = [argv[0] ?? ""], before = [], descriptors = [] } = program;
  const handovers = [{ slot: out, number: 1 }, { slot: out, number: 2 }, ...descriptors];
  const plan: Plan = {
    title: "run a program",
    lane: lane("host", [
      step("inherited", { descriptor: 5, out }, "take the pipe"),
      ...before,
      step("exec", { candidates, argv, env, descriptors: handovers }, "become the program"),
    ]),
  };
  const chunks: Buffer[] = [];
  const performance = perform(plan, { inherit: ["ignore", "ignore", "ignore", "ignore", "ignore", "pipe"] });
  const stream = performance.streams.get(5);
  const closed = new Promise((resolve) => stream?.once("close", resolve));
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  const outcome = await outcomeOfRunning(performance);
  await closed;
  return { ...outcome, output: Buffer.concat(chunks).toString() };
}

/** Is there such a process? Zombies do not count. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something holds. */
export async function until(holds: () => boolean, timeoutMs = 5000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error("did not come true in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
