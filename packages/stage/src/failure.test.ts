import { errnos, lane, type Plan, stepper } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { laneEnded, stepFailed } from "./failure.ts";
import type { Report } from "./report.ts";

const step = stepper("mounts");
const init = lane("init", [
  step("mkdir", { path: "/dev/pts", mode: 0o755 }, "make /dev/pts"),
  step("exec", { candidates: [], argv: [], env: [], descriptors: [] }, "run it"),
]);
const host = lane("host", [step("clone", { lane: init, namespaces: [] }, "start it")]);
const plan: Plan = { title: "run alpine", lane: host };
const lanes = [host, init];
const report = (changes: Partial<Report> = {}): Report => ({
  kind: "failed",
  streamed: false,
  lane: 1,
  step: 0,
  error: errnos.EROFS,
  value: 30n,
  bytes: Buffer.from("/dev/pts"),
  ...changes,
});
const failed = (changes: Partial<Report> = {}, sent?: { by: string; why: string }) =>
  stepFailed(plan, lanes, report(changes), sent);

describe("stepFailed()", () => {
  test("stepFailed() says package, verb, lane, step, operation, errno and hint", () => {
    expect(failed()).toMatchObject({
      message: "mounts: make /dev/pts (lane init, step 1, mkdir): EROFS, /dev/pts",
      kind: "unavailable",
      code: "stage.step-failed",
      details: {
        lane: "init",
        step: 1,
        op: "mkdir",
        by: "mounts",
        why: "make /dev/pts",
        errno: "EROFS",
        hint: "/dev/pts",
        plan: "run alpine",
      },
    });
  });

  test("stepFailed() leaves out a hint that is not there", () => {
    expect(failed({ bytes: new Uint8Array() }).message).toBe("mounts: make /dev/pts (lane init, step 1, mkdir): EROFS");
  });

  test.for([
    ["ENOENT", "not-found"],
    ["ESRCH", "not-found"],
    ["EPERM", "forbidden"],
    ["EACCES", "forbidden"],
    ["EEXIST", "conflict"],
    ["EINVAL", "invalid"],
    ["ELOOP", "invalid"],
    ["ENOSYS", "unsupported"],
    ["EOPNOTSUPP", "unsupported"],
    ["ENOTSUP", "unsupported"],
    ["ENOSPC", "unavailable"],
    ["EIO", "internal"],
  ] as const)("stepFailed() turns %s into kind %s", ([name, kind]) => {
    expect(failed({ error: errnos[name] })).toMatchObject({ kind });
  });

  test("stepFailed() names an unknown errno by its number", () => {
    expect(failed({ error: 4000 })).toMatchObject({
      kind: "internal",
      message: expect.stringContaining(": errno 4000, "),
    });
  });

  test("stepFailed() lets no name out of an image act on a terminal", () => {
    const sent = { by: "image", why: "make the file \u001b]0;title\u0007\nsecond line" };
    expect(failed({ streamed: true }, sent).message).toMatch(/^image: make the file \?\]0;title\?\?second line \(lane/);
  });

  test("stepFailed() tells a streamed step by what was sent, or as one that is too long ago", () => {
    expect(failed({ streamed: true, step: 41, value: 30n }, { by: "image", why: "make usr" }).message).toBe(
      "image: make usr (lane init, streamed step 42, mkdir): EROFS, /dev/pts",
    );
    expect(failed({ streamed: true, step: 0 }).message).toBe(
      "stage: perform a streamed step (lane init, streamed step 1, mkdir): EROFS, /dev/pts",
    );
  });

  test("stepFailed() blames no step for what goes wrong before the first", () => {
    const details = { by: "stage", why: "start", op: "start" };
    expect(failed({ lane: 0, value: 0n, error: errnos.EBADMSG, bytes: Buffer.from("malformed step") })).toMatchObject({
      message: "stage: start (lane host, step 1, start): EBADMSG, malformed step",
      details,
    });
  });

  test("stepFailed() survives a report of a lane and a step that the plan does not have", () => {
    expect(failed({ lane: 7, step: 99, value: 9999n }).message).toBe(
      "stage: start (lane 7, step 100, start): EROFS, /dev/pts",
    );
  });

  test("stepFailed() makes one harmless line of a hint out of an image", () => {
    const { message } = failed({ bytes: Buffer.from("a\u001b[2J\nb\u202ec\u0085") });
    expect(message).toBe("mounts: make /dev/pts (lane init, step 1, mkdir): EROFS, a?[2J?b?c?");
  });

  test("stepFailed() shows a hint that was cut within a character", () => {
    expect(failed({ bytes: Buffer.from("ä").subarray(0, 1) }).message).toMatch(/EROFS, \ufffd$/);
  });
});

test("laneEnded() names the lane", () => {
  expect(laneEnded(plan, init)).toMatchObject({
    kind: "internal",
    code: "stage.lane-ended",
    message: "lane init ended before it executed its program",
  });
});
