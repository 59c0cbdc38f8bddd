import { encode, lane, mark, type Plan, stepper } from "@galley/plan";
import { expect, test } from "vitest";
import { createListener } from "./listener.ts";
import type { Report } from "./report.ts";

const step = stepper("test");
const run = step("exec", { candidates: ["/a"], argv: ["a"], env: [], descriptors: [] }, "run");
const [ready, go] = [mark("ready"), mark("go")];
const init = lane("init", [step("tell", { mark: ready }, "tell"), step("await", { mark: go }, "wait"), run]);
const read = step("read", { path: "/a", limitBytes: 9 }, "read");
const plan: Plan = {
  title: "test",
  lane: lane("host", [step("clone", { lane: init, namespaces: [] }, "clone"), read, run]),
};
const listen = () => createListener(plan, encode(plan).numbering);
const report = (kind: Report["kind"], changes: Partial<Report> = {}): Report => ({
  kind,
  streamed: false,
  lane: 0,
  step: 0,
  error: 0,
  value: 0n,
  bytes: new Uint8Array(),
  ...changes,
});
const thrownBy = (act: () => void): unknown => {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
};

test("createListener() hands out pids by lane, marks and contents", async () => {
  const listener = listen();
  listener.onReport(report("pid", { value: 1234n }));
  listener.onReport(report("told", { lane: 1, value: 0n }));
  listener.onReport(report("content", { step: 1, bytes: Buffer.from("one ") }));
  listener.onReport(report("content", { step: 1, bytes: Buffer.from("two") }));
  expect(await listener.pids.get(init)).toBe(1234);
  await listener.told.get(ready);
  expect(Buffer.from(listener.content(read) ?? []).toString()).toBe("one two");
});

test("createListener() is content when every lane that was started has executed", () => {
  const listener = listen();
  listener.onReport(report("pid", { value: 1n }));
  listener.onReport(report("executing", { lane: 1 }));
  listener.onReport(report("executing", { lane: 0 }));
  expect(thrownBy(() => listener.finish())).toBeUndefined();
});

test("createListener() does not mind that a lane executes before its pid is reported", () => {
  const listener = listen();
  listener.onReport(report("executing", { lane: 1 }));
  listener.onReport(report("pid", { value: 1n }));
  listener.onReport(report("executing", { lane: 0 }));
  expect(thrownBy(() => listener.finish())).toBeUndefined();
});

test("createListener() finds a lane that ended without executing and without a word", () => {
  const host = listen();
  expect(thrownBy(() => host.finish())).toMatchObject({ message: "lane host ended before it executed its program" });
  const child = listen();
  child.onReport(report("pid", { value: 1n }));
  child.onReport(report("executing", { lane: 0 }));
  expect(thrownBy(() => child.finish())).toMatchObject({ message: "lane init ended before it executed its program" });
});

test("createListener() keeps the first failure, whatever follows from it", () => {
  const listener = listen();
  listener.onReport(report("failed", { lane: 1, step: 2, value: 8n, error: 2 }));
  listener.onReport(report("failed", { lane: 0, step: 1, value: 7n, error: 10 }));
  listener.fail(new Error("later"));
  expect(thrownBy(() => listener.finish(new Error("last")))).toMatchObject({
    message: "test: run (lane init, step 3, exec): ENOENT",
  });
});

test("createListener() keeps undefined as a failure, too", () => {
  const listener = listen();
  listener.fail(undefined);
  expect(() => listener.finish()).toThrow();
});

test.for<[string, Report]>([
  ["a pid of a step that clones nothing", report("pid", { step: 1 })],
  ["a pid of a lane that is not there", report("pid", { lane: 9 })],
  ["a mark that is not there", report("told", { value: 9n })],
  ["execution of a lane that is not there", report("executing", { lane: 9 })],
])("createListener() fails with stage.bad-report at %s", ([, bad]) => {
  const listener = listen();
  listener.onReport(bad);
  expect(thrownBy(() => listener.finish())).toMatchObject({ code: "stage.bad-report" });
});

test("createListener() rejects at the end what is still waited for", async () => {
  const listener = listen();
  const waiting = [listener.pids.get(init), listener.told.get(ready)];
  listener.settle(new Error("over"));
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
