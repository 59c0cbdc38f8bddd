import type { Plan } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { type ContainerLaunch, containerPlan } from "./container-plan.ts";
import { beginLaunch, executeWhy, startLaunch } from "./start-launch.ts";
import { containerLaunch, keeperLaunch, runtimeSpec } from "./testing/launches.ts";
import { stepsOf } from "./testing/read-plan.ts";
import { type Played, recorder } from "./testing/recording-perform.ts";

const planned = (command = "prog", attached = false, changes: Partial<ContainerLaunch> = {}) =>
  containerPlan(
    containerLaunch(runtimeSpec({ process: { args: [command] } }), { keeper: keeperLaunch({ attached }), ...changes }),
  );

function failedStep(errno: string, why: string = executeWhy): Error {
  return galleyError("internal", "stage.step-failed", `runtime: ${why}: ${errno}`, {
    details: { why, errno, op: "exec" },
  });
}

const failing = (cause: unknown): Played => ({
  ended: Promise.reject(cause),
  pid: Promise.reject(cause),
  ready: Uint8Array.of(),
});
const start = (command: string, played: Played) => startLaunch(planned(command), recorder(played).perform);

describe("startLaunch()", () => {
  test("startLaunch() resolves when the program is executed and the keeper is ready", async () => {
    const { perform, performed, asked } = recorder();
    const launch = planned();
    expect(await startLaunch(launch, perform)).toEqual({ pid: 4711, keeperPid: 4710 });
    expect(performed).toHaveLength(1);
    expect(performed[0]?.plan).toBe(launch.plan);
    expect(asked).toEqual([launch.processLane]);
  });

  test("startLaunch() gives the performance a stream for the keeper's word, and one for the client when there is one", async () => {
    const alone = recorder();
    await startLaunch(planned(), alone.perform);
    expect(alone.performed[0]?.options.inherit).toEqual([
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "pipe",
    ]);
    const attached = recorder();
    const { client } = await startLaunch(planned("prog", true), attached.perform);
    expect(attached.performed[0]?.options.inherit).toEqual([
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "ignore",
      "pipe",
      "pipe",
    ]);
    expect(client).toBe(attached.client);
  });

  test.each([
    [
      "prog",
      "ENOENT",
      "not-found",
      "runtime.command-not-found",
      "executable file `prog` not found in $PATH: No such file or directory",
    ],
    ["/x/prog", "ENOENT", "not-found", "runtime.command-not-found", "exec /x/prog: No such file or directory"],
    ["/x/prog", "ENOTDIR", "not-found", "runtime.command-not-found", "exec /x/prog: Not a directory"],
    ["prog", "EACCES", "forbidden", "runtime.not-executable", "exec prog: Permission denied"],
    ["./prog", "ENOEXEC", "forbidden", "runtime.not-executable", "exec ./prog: Exec format error"],
    ["prog", "E2BIG", "forbidden", "runtime.not-executable", "exec prog: E2BIG"],
    ["prog", "ELOOP", "forbidden", "runtime.not-executable", "exec prog: ELOOP"],
  ])("startLaunch() says what users know when %s fails with %s", async (command, errno, kind, code, message) => {
    const cause = failedStep(errno);
    const error = await start(command, failing(cause)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind, code, message, cause, details: { command, errno } });
  });

  test("startLaunch() passes on every other failure as it is", async () => {
    const causes = [
      failedStep("ENOENT", "go to /nowhere"),
      galleyError("internal", "stage.died", "died"),
      new Error("x"),
      undefined,
    ];
    for (const cause of causes) await expect(start("prog", failing(cause))).rejects.toBe(cause);
  });

  test.each([
    [Buffer.from([2, 28, 0, 0, 0, ...Buffer.from("write the pid record")]), "write the pid record: ENOSPC"],
    [Uint8Array.of(), "it ended at once"],
    [Uint8Array.of(2), "it ended at once"],
  ])("startLaunch() tells what the keeper says when it cannot take over, %#", async (ready, why) => {
    await expect(start("prog", { ready })).rejects.toMatchObject({
      kind: "unavailable",
      code: "runtime.keeper-failed",
      message: `the keeper could not take over: ${why}`,
    });
  });

  test("startLaunch() closes the client's stream when it fails", async () => {
    const { perform, client } = recorder(failing(failedStep("ENOENT")));
    await expect(startLaunch(planned("prog", true), perform)).rejects.toMatchObject({ kind: "not-found" });
    expect(client.destroyed).toBe(true);
  });

  test("startLaunch() leaves no rejection unhandled, whoever fails first", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const { perform, client } = recorder(failing(failedStep("EACCES")));
    await startLaunch(planned("prog", true), perform).catch(() => {});
    client.emit("error", new Error("reset"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("startLaunch() removes the control groups of a launch that failed, whatever comes of that", async () => {
    const { perform, performed } = recorder(failing(failedStep("ENOENT")));
    const launch = planned();
    await expect(startLaunch(launch, perform)).rejects.toMatchObject({ kind: "not-found" });
    expect(launch.groups.length).toBeGreaterThan(0);
    const removed = stepsOf((performed[1] as { plan: Plan }).plan.lane, "unlink");
    expect(removed.map(({ args }) => args.path)).toEqual(launch.groups);
    for (const { args, ok } of removed)
      expect([args.flags, ok]).toEqual([["directory"], ["ENOENT", "EBUSY", "ENOTEMPTY"]]);
    expect(performed).toHaveLength(2);
  });

  test.each([
    [{ code: "stage.step-failed", lane: "host" }, true],
    [{ code: "stage.cancelled", lane: undefined }, true],
    [{ code: "stage.step-failed", lane: "init" }, false],
    [{ code: "runtime.keeper-failed", lane: undefined }, false],
  ])("startLaunch() kills a process that may be without a keeper, %j: %s", async ({ code, lane }, kills) => {
    const kind = code === "stage.cancelled" ? "cancelled" : "internal";
    const cause = galleyError(kind, code, "failed", { details: { lane, why: "x", errno: "ENOENT" } });
    const { perform, performed } = recorder({ ended: Promise.reject(cause), ready: Uint8Array.of() });
    await expect(startLaunch(planned(), perform)).rejects.toBe(cause);
    const steps = performed[1]?.plan.lane.steps.slice(0, 2) ?? [];
    expect(steps.map(({ op }) => op).join() === "openProcess,signal").toBe(kills);
    if (kills) expect(steps[0]?.args).toMatchObject({ pid: 4711 });
  });

  test("startLaunch() passes the signal to the performance", async () => {
    const { perform, performed } = recorder();
    const { signal } = new AbortController();
    await startLaunch(planned(), perform, { signal });
    expect(performed[0]?.options.signal).toBe(signal);
  });
});

test("beginLaunch() hands out the performance at once, for those who take part by marks", () => {
  const never = new Promise<void>(() => {});
  const { perform, told } = recorder({ ended: never });
  const launch = planned();
  const { performance } = beginLaunch(launch, perform);
  performance.tell({ mark: "start" });
  expect(told).toEqual([{ mark: "start" }]);
});
