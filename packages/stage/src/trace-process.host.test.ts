import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lane, stepper } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { createPerform } from "./index.ts";

const reason = spawnSync("strace", ["-V"]).status === 0 ? "" : "needs strace";
const step = stepper("test");

describe.skipIf(reason !== "")(`traceProcess() ${reason}`, () => {
  test("traceProcess() sees the whole plan, and its end is still seen", { timeout: 20_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "stage-trace-"));
    const tracePath = join(directory, "trace");
    const exec = step("exec", { candidates: ["/bin/true"], argv: ["true"], env: [], descriptors: [] }, "succeed");
    const child = lane("child", [exec]);
    const steps = [
      step("clone", { lane: child, namespaces: [] }, "clone"),
      step("finished", { lane: child }, "wait"),
      step("mkdir", { path: join(directory, "made"), mode: 0o700 }, "make a directory"),
    ];
    await createPerform({ tracePath })({ title: "traced", lane: lane("host", steps) }).ended;
    await expect.poll(() => readFile(tracePath, "utf8")).toMatch(/execve\("\/bin\/true"[\s\S]*made/);
    await rm(directory, { recursive: true });
  });

  test("traceProcess() tells when it cannot trace", async () => {
    const session = lane("host", [step("session", {}, "start a session")]);
    const { ended } = createPerform({ tracePath: "/nowhere/trace" })({ title: "untraced", lane: session });
    await expect(ended).rejects.toMatchObject({ code: "stage.no-trace", kind: "unsupported" });
  });
});
