import { check, lane, type Slot, slot, stepper } from "@galley/plan";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attachDescriptor, type KeeperLaunch, keeperSteps, readyDescriptor } from "./keeper-steps.ts";
import type { Streams } from "./streams.ts";
import { keeperLaunch } from "./testing/launches.ts";

const step = stepper("test");
const pipes = ["stdin", "stdout", "stderr"] as const;

function endsOf(names: readonly (keyof Streams["keeperEnds"])[]): Streams["keeperEnds"] {
  return Object.fromEntries(names.map((name) => [name, slot(name)]));
}

function become(launch: KeeperLaunch, ends: Streams["keeperEnds"]) {
  const [child, nothing] = [slot("child"), slot("null")];
  const steps = keeperSteps(launch, ends, child, nothing);
  if (steps.become.op !== "exec") throw new Error("the last step is no exec");
  const { args } = steps.become;
  return { ...steps, args, child, nothing, option: (name: string) => args.argv[args.argv.indexOf(`--${name}`) + 1] };
}

/** Descriptors by the name under which the keeper is told of them. */
const named = ["child", "run", "keep", ...pipes, "pty", "log", "listen", "client", "ready"];

function numbersTold(argv: readonly string[]): Map<string, number> {
  return new Map(
    argv.flatMap((word, index) =>
      named.includes(word.slice(2)) && word.startsWith("--") ? [[word.slice(2), Number(argv[index + 1])] as const] : [],
    ),
  );
}

const launches = fc.record({
  attached: fc.boolean(),
  log: fc.boolean(),
  stdinOnce: fc.boolean(),
  ends: fc.oneof(fc.constant(["pty"] as const), fc.subarray([...pipes])),
});

describe("keeperSteps()", () => {
  test("keeperSteps() tells the keeper exactly the numbers that it hands over, each once and none below 5", () => {
    fc.assert(
      fc.property(launches, ({ attached, log, stdinOnce, ends }) => {
        const names = { pid: "pid", exit: "exit", socket: "s", ...(log ? { log: "log" } : {}) };
        const { args, child, nothing } = become(keeperLaunch({ attached, names, stdinOnce }), endsOf(ends));
        const told = numbersTold(args.argv);
        const handed = args.descriptors.filter((each) => each.slot !== nothing);
        expect([...told.values()].sort((a, b) => a - b)).toEqual(
          handed.map(({ number }) => number).sort((a, b) => a - b),
        );
        expect(new Set(told.values()).size).toBe(told.size);
        for (const number of told.values()) expect(number).toBeGreaterThanOrEqual(5);
        expect(handed.find(({ number }) => number === told.get("child"))?.slot).toBe(child);
        expect([...told.keys()].sort()).toEqual(
          [
            "child",
            "run",
            "keep",
            "listen",
            "ready",
            ...ends,
            ...(log ? ["log"] : []),
            ...(attached ? ["client"] : []),
          ].sort(),
        );
        expect(args.argv.includes("--stdin-once")).toBe(stdinOnce);
      }),
    );
  });

  test("keeperSteps() hands each end over under its own name", () => {
    const ends = endsOf(pipes);
    const { args } = become(keeperLaunch(), ends);
    const told = numbersTold(args.argv);
    for (const name of pipes)
      expect(args.descriptors.find(({ number }) => number === told.get(name))?.slot).toBe(ends[name]);
  });

  test("keeperSteps() gives 0, 1 and 2 to /dev/null and little environment", () => {
    const { args, nothing } = become(keeperLaunch(), {});
    expect(args.descriptors.filter((each) => each.slot === nothing).map(({ number }) => number)).toEqual([0, 1, 2]);
    expect(args.env).toEqual(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]);
    expect(args.candidates).toEqual(["/usr/lib/galley/keeper"]);
  });

  test("keeperSteps() passes names, stamp, files, directories and the command for the end", () => {
    const changes = {
      read: { oom: "/cg/memory.events" },
      rmdir: ["/cg/a", "/cg/b"],
      afterwards: ["/usr/bin/galley", "cleanup", "--", "c1"],
    };
    const { args, option } = become(keeperLaunch(changes), {});
    expect([option("exit-name"), option("pid-name"), option("stamp"), option("read")]).toEqual([
      "exit",
      "pid",
      "boot-1",
      "oom=/cg/memory.events",
    ]);
    expect(args.argv.filter((word) => word === "--rmdir")).toHaveLength(2);
    expect(args.argv.slice(-5)).toEqual(["--then", "/usr/bin/galley", "cleanup", "--", "c1"]);
  });

  test("keeperSteps() takes the streams of the caller from where `beginLaunch` puts them", () => {
    const inherited = (attached: boolean): number[] =>
      become(keeperLaunch({ attached }), {}).before.flatMap((each) =>
        each.op === "inherited" ? [each.args.descriptor] : [],
      );
    expect(inherited(true)).toEqual([readyDescriptor, attachDescriptor]);
    expect(inherited(false)).toEqual([readyDescriptor]);
  });

  test("keeperSteps() opens the log for appending, for its owner alone, and none when there is no name", () => {
    const opens = (launch: KeeperLaunch) => become(launch, {}).before.filter(({ why }) => why === "open the log");
    expect(opens(keeperLaunch())).toMatchObject([
      { args: { path: "log", flags: ["write", "append", "create"], mode: 0o600 } },
    ]);
    expect(opens(keeperLaunch({ names: { pid: "p", exit: "e", socket: "s" } }))).toEqual([]);
  });

  test("keeperSteps() removes a socket left over by a dead keeper before it listens", () => {
    const { before } = become(keeperLaunch(), {});
    const ops = before.map(({ op }) => op);
    expect(ops.indexOf("unlink")).toBeLessThan(ops.indexOf("listen"));
    expect(before[ops.indexOf("unlink")]?.ok).toEqual(["ENOENT"]);
  });

  test("keeperSteps() make a plan without findings", () => {
    const { before, become: last, child, nothing } = become(keeperLaunch({ attached: true }), {});
    const fill = (out: Slot) => step("open", { path: "/dev/null", flags: ["read"], out }, "open");
    expect(check({ title: "keeper", lane: lane("host", [fill(child), fill(nothing), ...before, last]) })).toEqual([]);
  });

  test.each<[string, Partial<KeeperLaunch>]>([
    ["a name with a slash", { names: { pid: "../pid", exit: "exit", socket: "s" } }],
    ["a relative program for the end", { afterwards: ["galley"] }],
    ["a zero byte in the stamp", { stamp: "a\0b" }],
  ])("keeperSteps() refuses %s", (_, changes) => {
    expect(() => become(keeperLaunch(changes), {})).toThrow(
      expect.objectContaining({ kind: "invalid", code: "keeper.bad-arguments" }),
    );
  });
});
