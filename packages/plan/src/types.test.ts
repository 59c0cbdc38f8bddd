import { expect, test } from "vitest";
import type { Arguments, Lane, Slot, Step, StepOf } from "./step.ts";
import { lane, mark, slot, stepper } from "./step.ts";

const step = stepper("types");
const root = slot("root");

/** Read by the type checker only (`pnpm typecheck`): each comment says that the next line must not compile. */
export function neverCalled(): unknown {
  return [
    // @ts-expect-error no such operation
    step("fly", {}, "x"),
    // @ts-expect-error the mode is missing
    step("mkdir", { path: "/a" }, "x"),
    // @ts-expect-error a name that is not in the table
    step("session", { path: "/a" }, "x"),
    // @ts-expect-error a flag of another set
    step("open", { path: "/a", flags: ["recursive"], out: root }, "x"),
    // @ts-expect-error a mark is no slot
    step("close", { slot: mark("m") }, "x"),
    // @ts-expect-error a slot is no lane
    step("executed", { lane: root }, "x"),
    // @ts-expect-error text is no u32
    step("umask", { mask: "022" }, "x"),
    // @ts-expect-error a u32 is no bigint
    step("umask", { mask: 18n }, "x"),
    // @ts-expect-error text is not bytes
    step("write", { path: "/a", bytes: "1" }, "x"),
    // @ts-expect-error a list of texts is no list of numbers
    step("groups", { gids: ["1"] }, "x"),
    // @ts-expect-error a descriptor needs its number
    step("exec", { candidates: [], argv: [], env: [], descriptors: [{ slot: root }] }, "x"),
    // @ts-expect-error an unknown errno
    step("session", {}, "x", { ok: ["EWHAT"] }),
    // @ts-expect-error why is missing
    step("session", {}),
    (made: Step) => {
      // @ts-expect-error steps are not changed after they are made
      made.why = "y";
    },
  ];
}

test("a step narrows by its operation, so that its arguments have types", () => {
  const steps: readonly Step[] = [
    step("mkdir", { path: "/a", mode: 0o755 }, "x"),
    step("clone", { lane: lane("l", []), namespaces: ["pid"] }, "x"),
  ];
  const paths = steps.flatMap((each) => (each.op === "mkdir" ? [each.args.path satisfies string] : []));
  const lanes: Lane[] = steps.flatMap((each) => (each.op === "clone" ? [each.args.lane] : []));
  expect([paths, lanes.map((each) => each.lane)]).toEqual([["/a"], ["l"]]);
});

test("Arguments<op> makes optional what the table marks so, also as undefined", () => {
  const least: Arguments<"open"> = { path: "/a", flags: [], out: root };
  const most: Arguments<"open"> = { at: undefined, path: "/a", flags: ["read"], mode: undefined, out: root };
  const u64: Arguments<"resourceLimit"> = { resource: 1, soft: 1, hard: 1n };
  const step: StepOf<"open">["args"] = least;
  expect([least, most, u64, step]).toHaveLength(4);
});

test("slot(), mark() and lane() make things that are themselves, whatever their name", () => {
  const slots: Slot[] = [slot("a"), slot("a")];
  expect(slots[0]).not.toBe(slots[1]);
  expect(mark("a")).toEqual({ mark: "a" });
  expect(lane("a", [])).toEqual({ lane: "a", steps: [] });
});

test("stepper() keeps who asked, what for, and which errnos are fine", () => {
  expect(step("session", {}, "leave the terminal", { ok: ["EPERM"] })).toEqual({
    op: "session",
    args: {},
    by: "types",
    why: "leave the terminal",
    ok: ["EPERM"],
  });
  expect(step("session", {}, "leave the terminal")).not.toHaveProperty("ok");
});
