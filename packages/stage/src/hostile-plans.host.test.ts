import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { encode, lane, mark, type Plan, type Step, slot } from "@galley/plan";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createReportReader, type Report } from "./report.ts";
import { stagePath } from "./stage-path.ts";
import { skipped, step } from "./testing/host.ts";

const native = new URL("../native/", import.meta.url).pathname;
const flags = ["-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

interface Answer {
  readonly code: number | null;
  readonly signal: string | null;
  readonly errors: string;
  readonly reports: readonly Report[];
}

/** Sends bytes to a program as if they were a plan, then says nothing more. */
function answerTo(program: readonly string[], bytes: Uint8Array): Promise<Answer> {
  const child: ChildProcess = spawn(program[0] as string, program.slice(1), {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    env: { ASAN_OPTIONS: "detect_leaks=0:abort_on_error=1", UBSAN_OPTIONS: "print_stacktrace=1" },
  });
  const [control, output] = [child.stdio[3] as Duplex, child.stdio[4] as Duplex];
  const reports: Report[] = [];
  let errors = "";
  output.on(
    "data",
    createReportReader((report) => reports.push(report)),
  );
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  control.on("error", () => {});
  control.end(bytes);
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, errors, reports })));
}

const [a, b] = [slot("a"), slot("b")];
const wait = mark("wait");
/** Nothing in here can do harm, whatever its bits become: it runs where nothing is worth harming, besides. */
const harmless = (): Plan => {
  const inner = lane("inner", [
    step("await", { mark: wait, slot: b }, "x"),
    step("close", { slot: b }, "x", { ok: ["EIO"] }),
  ]);
  const steps: Step[] = [
    step("umask", { mask: 0o22 }, "x"),
    step("pipe", { read: a, write: b }, "x"),
    step("open", { path: "/dev/null", flags: ["read", "write"], out: a }, "x", { ok: ["ENOENT", "EACCES"] }),
    step("data", { file: a, bytes: Buffer.from("some bytes") }, "x"),
    step("clone", { lane: inner, namespaces: [], pidfd: b }, "x"),
    step("tell", { mark: wait, slot: a }, "x"),
    step("finished", { lane: inner }, "x"),
    step("groups", { gids: [1, 2, 3] }, "x"),
    step(
      "exec",
      { candidates: ["/none", "/nothing"], argv: ["a", "b"], env: ["A=1"], descriptors: [{ slot: a, number: 1 }] },
      "x",
    ),
  ];
  return { title: "harmless", lane: lane("host", steps) };
};

describe.skipIf(skipped !== "")(`malformed plans${skipped}`, () => {
  const whole = Buffer.from(encode(harmless()).bytes);
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(whole);
    change(copy);
    return copy;
  };
  const firstLane = 16 + 4;

  test.for<[string, Buffer, string]>([
    ["another magic", changed((bytes) => bytes.writeUInt32LE(1, 0)), "not a plan of this version"],
    ["another version", changed((bytes) => bytes.writeUInt16LE(2, 4)), "not a plan of this version"],
    ["no lane", changed((bytes) => bytes.writeUInt16LE(0, 6)), "plan over its limits"],
    ["17 lanes", changed((bytes) => bytes.writeUInt16LE(17, 6)), "plan over its limits"],
    ["too many slots", changed((bytes) => bytes.writeUInt16LE(4113, 8)), "plan over its limits"],
    ["65 marks", changed((bytes) => bytes.writeUInt16LE(65, 10)), "plan over its limits"],
    ["16 MiB and one byte", changed((bytes) => bytes.writeUInt32LE((16 << 20) + 1, 12)), "plan over its limits"],
    ["4 GiB", changed((bytes) => bytes.writeUInt32LE(0xffffffff, 12)), "plan over its limits"],
    ["a mark between lanes that are not there", changed((bytes) => bytes.writeUInt16LE(2, 16)), "truncated plan"],
    [
      "a lane longer than the plan",
      changed((bytes) => bytes.writeUInt32LE(0xffffffff, firstLane + 4)),
      "truncated plan",
    ],
    [
      "a lane of more steps than it has",
      changed((bytes) => bytes.writeUInt32LE(0xffffffff, firstLane)),
      "malformed step",
    ],
    ["a lane of fewer steps than it has", changed((bytes) => bytes.writeUInt32LE(1, firstLane)), "malformed lane"],
    ["an unknown operation", changed((bytes) => bytes.writeUInt16LE(9999, firstLane + 8)), "malformed step"],
    [
      "a step longer than its lane",
      changed((bytes) => bytes.writeUInt32LE(0xfffffff8, firstLane + 12)),
      "malformed step",
    ],
    ["more fine errnos than fit", changed((bytes) => bytes.writeUInt16LE(0xffff, firstLane + 10)), "malformed step"],
    ["a slot that is not there", changed((bytes) => bytes.writeUInt16LE(2, firstLane + 28)), "malformed step"],
    [
      "a tail",
      Buffer.concat([changed((bytes) => bytes.writeUInt32LE(whole.length - 16 + 4, 12)), Buffer.alloc(4)]),
      "plan with a tail",
    ],
    ["a path without its end", changed((bytes) => bytes.write("X", bytes.indexOf("/dev/null") + 9)), "malformed step"],
    ["a path with a NUL", changed((bytes) => bytes.writeUInt8(0, bytes.indexOf("/dev/null") + 4)), "malformed step"],
    [
      "a lane that clones itself",
      changed((bytes) => bytes.writeUInt16LE(0, bytes.indexOf(Buffer.from([1, 0, 0, 0, 10, 0, 0, 0, 1, 0])) + 8)),
      "malformed lane tree",
    ],
  ])("a plan with %s is refused before anything is done", async ([, bytes, hint]) => {
    const answer = await answerTo([stagePath()], bytes);
    expect(answer).toMatchObject({ code: 1, reports: [{ kind: "failed", error: 74, value: 0n }] });
    expect(Buffer.from(answer.reports[0]?.bytes ?? []).toString()).toBe(hint);
  });

  test("a plan that is cut off anywhere is silently given up: its sender is gone", async () => {
    for (const length of [0, 1, 15, 16, 17, 40, whole.length - 1]) {
      expect(await answerTo([stagePath()], whole.subarray(0, length))).toMatchObject({
        code: 1,
        signal: null,
        reports: [],
      });
    }
  });
});

describe.skipIf(skipped !== "")(`the sanitized program${skipped}`, () => {
  let directory = "";
  let program: readonly string[] = [];
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "galley-stage-asan-"));
    const sources = globSync("*.c", { cwd: native })
      .filter((name) => name !== "walk.c")
      .map((name) => join(native, name));
    execFileSync("cc", [...flags, "-o", join(directory, "stage"), ...sources]);
    // Namespaces of its own, and no capability in the host's: whatever a changed plan asks for stays in there.
    program = [
      "unshare",
      "--user",
      "--mount",
      "--pid",
      "--net",
      "--ipc",
      "--uts",
      "--fork",
      "--kill-child",
      join(directory, "stage"),
    ];
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const clean = (answer: Answer): void => {
    expect(answer.errors).not.toMatch(/Sanitizer|runtime error/);
    expect(answer.signal).toBeNull();
    expect([0, 1]).toContain(answer.code);
  };

  test("the sanitized program performs the plan that is changed below", async () => {
    const answer = await answerTo(program, encode(harmless()).bytes);
    clean(answer);
    expect(answer.reports.at(-1)).toMatchObject({ kind: "failed", lane: 0, step: 7, error: 1 });
  });

  test("2,000 plans with changed bytes crash nothing: they are refused or fail cleanly", async () => {
    const whole = encode(harmless()).bytes;
    const mutation = fc.record({
      at: fc.nat({ max: whole.length - 1 }),
      value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
    });
    const plans = fc.sample(fc.array(mutation, { minLength: 1, maxLength: 6 }), 2000).map((changes) => {
      const copy = Uint8Array.from(whole);
      for (const { at, value } of changes) copy[at] = value;
      return copy;
    });
    let next = 0;
    const outcomes = { refused: 0, failed: 0, ended: 0 };
    const worker = async (): Promise<void> => {
      for (let index = next++; index < plans.length; index = next++) {
        const answer = await answerTo(program, plans[index] as Uint8Array);
        clean(answer);
        const failure = answer.reports.find(({ kind }) => kind === "failed");
        outcomes[failure?.error === 74 ? "refused" : failure ? "failed" : "ended"]++;
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(outcomes.refused + outcomes.failed + outcomes.ended).toBe(2000);
    expect(outcomes.refused).toBeGreaterThan(500);
    expect(outcomes.failed).toBeGreaterThan(50);
  }, 240_000);

  test("streams with changed bytes crash nothing either", async () => {
    const root = slot("root");
    const { bytes, numbering } = encode({
      title: "x",
      lane: lane("host", [
        step("open", { path: "/dev/null", flags: ["write"], out: root }, "x"),
        step("receive", {}, "x"),
      ]),
    });
    const { encodeStream, endOfStream } = await import("@galley/plan");
    const pieces = encodeStream(
      [
        step("data", { file: root, bytes: Buffer.from("bytes") }, "x"),
        step("umask", { mask: 1 }, "x"),
        step("groups", { gids: [] }, "x", { ok: ["EPERM"] }),
        step("close", { slot: root }, "x"),
      ],
      numbering,
    );
    const stream = Buffer.concat(pieces);
    const sent = Buffer.concat([bytes, stream, endOfStream]);
    const changes = fc.sample(fc.tuple(fc.nat({ max: stream.length - 1 }), fc.nat({ max: 255 })), 200);
    for (const [at, value] of changes) {
      const copy = Buffer.from(sent);
      copy[bytes.length + at] = value;
      clean(await answerTo(program, copy));
    }
  }, 120_000);
});
