import type { Duplex } from "node:stream";
import { type CapabilityName, capabilitySet } from "@galley/capabilities";
import { lane, type Performance, type Plan, type Slot, type Step, slot, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import type { Engine, WalkedEntry } from "../engine.ts";
import { specHost } from "../host.ts";

const step = stepper("engine");

/** Steps that leave a directory in a slot: a detached mount, a layer's tree. */
export type RootSteps = (out: Slot) => readonly Step[];

/** The same; what the steps need may have to be made first. */
export type RootMaker = (out: Slot) => readonly Step[] | Promise<readonly Step[]>;

/** How to read a tree. */
export interface WalkRootOptions {
  /** What for, as the plan's title. */
  readonly title: string;
  readonly content?: boolean | undefined;
  readonly xattrs?: boolean | undefined;
  /** Somebody may write to the tree meanwhile: names that are gone when they are looked at are passed over. */
  readonly live?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads any root of the store, without mounting anything on the host: a lane makes the root for itself, drops what it does not
 * need for reading, and becomes the program `walk`, which has nothing but the open directory and a pipe to us. With that process
 * the mount is gone.
 *
 * @throws unsupported engine.no-walk; what the steps and the walk throw
 */
export async function* walkRoot(
  engine: Engine,
  makeRoot: RootMaker,
  options: WalkRootOptions,
): AsyncGenerator<WalkedEntry, void, undefined> {
  const { walk, perform } = engine.ports;
  if (!walk)
    throw galleyError("unsupported", "engine.no-walk", `${options.title}: there is no program to read trees with`);
  const { signal } = options;
  const root = slot("root");
  const plan = walkPlan({ slot: root, steps: await makeRoot(root) }, walk.programPath(), options);
  const performance = perform(plan, { inherit: [...inherited], ...(signal ? { signal } : {}) });
  const onProblem = (error: Error): void => {
    if (!isGone(error)) throw error;
  };
  const reads = { content: options.content ?? false, ...(options.live ? { onProblem } : {}) };
  yield* walk.read(outputOf(performance, options), reads);
}

/** As the first descriptor that is not the protocol's. */
const outputNumber = 5;
const inherited = ["ignore", "ignore", "ignore", "ignore", "ignore", "pipe"] as const;
/** What the program finds its root as. */
const rootNumber = 3;

/** Files of any owner are read; attributes that only administrators see, among them overlay's marks, too (xattr(7)). */
const needed: readonly CapabilityName[] = ["CAP_DAC_READ_SEARCH", "CAP_SYS_ADMIN"];

function walkPlan(
  root: { readonly slot: Slot; readonly steps: readonly Step[] },
  programPath: string,
  { title, content, xattrs }: WalkRootOptions,
): Plan {
  const output = slot("output");
  const flags = [...(content ? ["--content"] : []), ...(xattrs ? ["--xattrs"] : [])];
  const steps = [
    ...root.steps,
    step("inherited", { descriptor: outputNumber, out: output }, "take the pipe to the caller"),
    ...readerSteps(),
    step(
      "exec",
      {
        candidates: [programPath],
        argv: ["walk", ...flags, String(rootNumber)],
        env: [],
        descriptors: [
          { slot: output, number: 1 },
          { slot: root.slot, number: rootNumber },
        ],
      },
      "read the tree",
    ),
  ];
  return { title, lane: lane("read", steps) };
}

function readerSteps(): Step[] {
  const mask = capabilitySet(needed) & specHost().capabilities;
  const sets = { effective: mask, permitted: mask, inheritable: 0n };
  return [
    step("boundingSet", { mask }, "give up what reading does not need"),
    step("capabilities", sets, "keep what reading needs"),
    step("noNewPrivileges", {}, "gain nothing by executing"),
  ];
}

/** The program's output; a plan that failed says so at its end. */
async function* outputOf(performance: Performance, { title, signal }: WalkRootOptions): AsyncIterable<Uint8Array> {
  performance.ended.catch(() => {}); // awaited below, when somebody still listens
  const stream = performance.streams.get(outputNumber) as Duplex;
  const stop = (): void => void stream.destroy(); // which ends the program
  signal?.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    stream.destroy();
  }
  if (signal?.aborted) throw galleyError("cancelled", "cancelled", `${title}: cancelled`, { cause: signal.reason });
  await performance.ended;
}

function isGone(error: Error): boolean {
  const { details } = error as { readonly details?: { readonly errno?: unknown } };
  return details?.errno === "ENOENT";
}
