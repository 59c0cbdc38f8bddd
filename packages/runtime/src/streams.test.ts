import { check, lane, slot, stepper } from "@galley/plan";
import { expect, test } from "vitest";
import { containerInput, hostInput } from "./empty-input.ts";
import { pipeStreams, type Streams, terminalStreams } from "./streams.ts";

const step = stepper("test");
const numbers = ({ processDescriptors }: Streams): number[] => processDescriptors.map(({ number }) => number);

function planOf(streams: Streams): Parameters<typeof check>[0] {
  const exec = step(
    "exec",
    { candidates: ["/x"], argv: ["x"], env: [], descriptors: streams.processDescriptors },
    "execute",
  );
  const child = lane("child", [...streams.processSteps, exec]);
  const ends = Object.values(streams.keeperEnds).map((end, index) => ({ slot: end, number: index + 5 }));
  const clone = step("clone", { lane: child, namespaces: [] }, "clone");
  const keep = step("exec", { candidates: ["/k"], argv: ["k"], env: [], descriptors: ends }, "keep");
  return { title: "streams", lane: lane("host", [...streams.hostSteps, clone, ...streams.afterClone, keep]) };
}

test("pipeStreams() gives the process 0, 1 and 2 and the keeper the other ends", () => {
  const streams = pipeStreams({ stdin: true, empty: hostInput(), uid: 0 });
  expect(numbers(streams)).toEqual([0, 1, 2]);
  expect(Object.keys(streams.keeperEnds)).toEqual(["stdin", "stdout", "stderr"]);
  const pipes = streams.hostSteps.flatMap((each) => (each.op === "pipe" ? [each.args] : []));
  const [stdin, stdout, stderr] = pipes;
  const [zero, one, two] = streams.processDescriptors.map((each) => each.slot);
  expect([stdin?.read, stdout?.write, stderr?.write]).toEqual([zero, one, two]);
  expect([stdin?.write, stdout?.read, stderr?.read]).toEqual(Object.values(streams.keeperEnds));
  expect(check(planOf(streams))).toEqual([]);
});

test.each([
  ["the host's", hostInput(), 5, 0],
  ["the container's", containerInput(slot("dev")), 2, 1],
] as const)(
  "pipeStreams() without standard input gives the process %s /dev/null and the keeper nothing",
  (_, empty, hostSteps, processSteps) => {
    const streams = pipeStreams({ stdin: false, empty, uid: 0 });
    expect(numbers(streams)).toEqual([0, 1, 2]);
    expect(streams.processDescriptors[0]?.slot).toBe(empty.slot);
    expect(streams.keeperEnds).not.toHaveProperty("stdin");
    expect([streams.hostSteps.length, streams.processSteps.length]).toEqual([hostSteps, processSteps]);
  },
);

test("pipeStreams() gives the process's ends to its user, and nothing to root, which has them", () => {
  const owners = (uid: number, stdin: boolean) =>
    pipeStreams({ stdin, empty: hostInput(), uid }).hostSteps.flatMap((each) =>
      each.op === "attributes" ? [each.args] : [],
    );
  expect(owners(0, true)).toEqual([]);
  expect(owners(1000, false).map(({ at, uid }) => [at.slot, uid])).toEqual([
    ["stdout", 1000],
    ["stderr", 1000],
  ]);
  expect(owners(1000, true).map(({ at }) => at.slot)).toEqual(["stdin", "stdout", "stderr"]);
  const streams = pipeStreams({ stdin: true, empty: hostInput(), uid: 7 });
  expect(check(planOf(streams))).toEqual([]);
});

test("terminalStreams() hands the master to the host lane after the process has made it its controlling terminal", () => {
  const terminal = { master: slot("master"), peer: slot("peer"), pts: slot("pts") };
  const { master, peer, pts } = terminal;
  const steps = [
    step("open", { path: "/dev/pts", flags: ["pathOnly"], out: pts }, "open"),
    step("terminal", { at: pts, path: "ptmx", rows: 24, columns: 80, master, peer }, "open a terminal"),
  ];
  const streams = terminalStreams({ steps, master, peer });
  expect(streams.hostSteps).toEqual([]);
  expect(streams.processSteps.map(({ op }) => op)).toEqual(["open", "terminal", "controlTerminal", "tell"]);
  expect(streams.processDescriptors).toEqual([0, 1, 2].map((number) => ({ slot: peer, number })));
  expect(Object.keys(streams.keeperEnds)).toEqual(["pty"]);
  const [tell] = streams.processSteps.slice(-1);
  const [take] = streams.afterClone;
  expect(
    tell?.op === "tell" && take?.op === "await" && tell.args.mark === take.args.mark && tell.args.slot === master,
  ).toBe(true);
  expect(take?.op === "await" && take.args.slot).toBe(streams.keeperEnds.pty);
  expect(check(planOf(streams))).toEqual([]);
});

test("terminalStreams() and pipeStreams() share no slot with another launch", () => {
  const first = pipeStreams({ stdin: true, empty: hostInput(), uid: 0 }).keeperEnds;
  const second = pipeStreams({ stdin: true, empty: hostInput(), uid: 0 }).keeperEnds;
  for (const name of ["stdin", "stdout", "stderr"] as const) expect(first[name]).not.toBe(second[name]);
});
