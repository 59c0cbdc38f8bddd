import { PassThrough } from "node:stream";
import {
  check,
  type Perform,
  type Performance,
  type PerformOptions,
  type Plan,
  type Slot,
  stepper,
} from "@galley/plan";
import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { WalkedEntry, WalkPort } from "../engine.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { walkRoot } from "./walk-root.ts";

const step = stepper("test");
const makeRoot = (out: Slot) => [step("open", { path: "/tree", flags: ["read", "directory"], out }, "open it")];

interface Played {
  readonly plans: Plan[];
  readonly options: (PerformOptions | undefined)[];
  readonly output: PassThrough;
  readonly perform: Perform;
}

function played(ended: Promise<void> = Promise.resolve()): Played {
  ended.catch(() => {});
  const [plans, options, output]: [Plan[], (PerformOptions | undefined)[], PassThrough] = [[], [], new PassThrough()];
  const perform: Perform = (plan, given) => {
    plans.push(plan);
    options.push(given);
    return { ended, streams: new Map([[5, output]]) } as unknown as Performance;
  };
  return { plans, options, output, perform };
}

/** Gives an entry for each line. */
const walk: WalkPort = {
  programPath: () => "/programs/walk",
  async *read(output, { onProblem }) {
    for await (const chunk of output)
      for (const path of Buffer.from(chunk).toString().split("\n")) {
        if (path === "gone") onProblem?.(galleyError("not-found", "x", "gone", { details: { errno: "ENOENT" } }));
        else if (path === "broken") onProblem?.(new Error("broken"));
        else yield { path } as WalkedEntry;
      }
  },
};

async function paths(entries: AsyncIterable<WalkedEntry>): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of entries) found.push(path);
  return found;
}

describe("walkRoot()", () => {
  test("makes the root, gives up what reading does not need, and becomes walk", async () => {
    const { perform, plans, options, output } = played();
    const engine = await scratchEngine({ perform, walk });
    output.end("a\nb");
    expect(await paths(walkRoot(engine, makeRoot, { title: "read", content: true, xattrs: true }))).toEqual(["a", "b"]);
    const [plan] = plans as [Plan];
    expect(check(plan)).toEqual([]);
    expect(plan.lane.steps.map(({ op }) => op)).toEqual([
      ...["open", "inherited", "boundingSet", "capabilities", "noNewPrivileges", "exec"],
    ]);
    expect(plan.lane.steps.at(-1)?.args).toMatchObject({
      candidates: ["/programs/walk"],
      argv: ["walk", "--content", "--xattrs", "3"],
      env: [],
      descriptors: [{ number: 1 }, { number: 3 }],
    });
    expect(options[0]?.inherit).toEqual(["ignore", "ignore", "ignore", "ignore", "ignore", "pipe"]);
  });

  test("says why the plan failed, not that output is missing", async () => {
    const { perform, output } = played(Promise.reject(galleyError("not-found", "x", "no such tree")));
    const engine = await scratchEngine({ perform, walk });
    output.end();
    await expect(paths(walkRoot(engine, makeRoot, { title: "read" }))).rejects.toThrow("no such tree");
  });

  test("passes over what is gone in a live tree alone", async () => {
    const read = async (live: boolean, lines: string) => {
      const { perform, output } = played();
      output.end(lines);
      return paths(walkRoot(await scratchEngine({ perform, walk }), makeRoot, { title: "read", live }));
    };
    expect(await read(true, "a\ngone\nb")).toEqual(["a", "b"]);
    await expect(read(true, "a\nbroken")).rejects.toThrow("broken");
  });

  test("stops at a signal, and closes the pipe when its reader stops", async () => {
    const controller = new AbortController();
    const { perform, output } = played();
    const engine = await scratchEngine({ perform, walk });
    output.write("a");
    const entries = walkRoot(engine, makeRoot, { title: "read", signal: controller.signal });
    expect((await entries.next()).value).toMatchObject({ path: "a" });
    const next = entries.next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ kind: "cancelled" });
    const other = played();
    other.output.write("a\nb");
    for await (const _ of walkRoot(await scratchEngine({ perform: other.perform, walk }), makeRoot, { title: "read" }))
      break;
    expect(other.output.destroyed).toBe(true);
  });

  test("needs a program to read with", async () => {
    await expect(paths(walkRoot(await scratchEngine(), makeRoot, { title: "read" }))).rejects.toMatchObject({
      kind: "unsupported",
      code: "engine.no-walk",
    });
  });
});
