import { check, lane, mark, slot, stepper } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { hostInput } from "./empty-input.ts";
import { type HostLaneParts, hostLane } from "./host-lane.ts";
import { pipeStreams } from "./streams.ts";
import { keeperLaunch } from "./testing/launches.ts";

const step = stepper("test");

function stepsOf(changes: Partial<HostLaneParts> = {}) {
  const nothing = slot("null");
  const streams = pipeStreams({ stdin: true, empty: hostInput(), uid: 0 });
  const host = hostLane(keeperLaunch(), streams, nothing);
  const exec = step(
    "exec",
    { candidates: ["/x"], argv: ["x"], env: [], descriptors: streams.processDescriptors },
    "execute",
  );
  const processLane = lane("init", [step("await", { mark: host.committed }, "wait"), exec]);
  const clone: HostLaneParts["clone"] = (pidfd) =>
    step("clone", { lane: processLane, namespaces: ["pid"], pidfd }, "clone");
  const before = [step("mkdir", { path: "/sys/fs/cgroup/x", mode: 0o755 }, "make a group")];
  const steps = host.steps({ before, processLane, clone, ...changes });
  return { steps, ops: steps.map(({ op }) => op), host, processLane };
}

describe("hostLane()", () => {
  test("hostLane() leaves the caller's session before anything else", () => {
    expect(stepsOf().ops.slice(0, 2)).toEqual(["session", "open"]);
  });

  test("hostLane() holds all that the keeper needs before the clone, which a full disk or a missing directory could spoil", () => {
    const { ops } = stepsOf();
    for (const op of ["listen", "inherited", "pipe", "mkdir"] as const) {
      expect(ops.lastIndexOf(op)).toBeGreaterThan(0);
      expect(ops.lastIndexOf(op)).toBeLessThan(ops.indexOf("clone"));
    }
  });

  test("hostLane() survives the caller before it tells the process so, and waits for the exec before it becomes the keeper", () => {
    const { ops, steps, host } = stepsOf();
    expect(ops.slice(-4)).toEqual(["outlive", "tell", "executed", "exec"]);
    const tell = steps.at(-3);
    expect(tell?.op === "tell" && tell.args.mark).toBe(host.committed);
  });

  test("hostLane() survives the caller only after the word to start", () => {
    const start = mark("start");
    const { ops, steps } = stepsOf({ start });
    expect(ops.slice(-5)).toEqual(["await", "outlive", "tell", "executed", "exec"]);
    const wait = steps.at(-5);
    expect(wait?.op === "await" && wait.args.mark).toBe(start);
    expect(ops.indexOf("outlive")).toBe(ops.lastIndexOf("outlive"));
  });

  test("hostLane() makes a plan without findings", () => {
    for (const changes of [{}, { start: mark("start") }]) {
      expect(check({ title: "host", lane: lane("host", stepsOf(changes).steps) })).toEqual([]);
    }
  });
});
