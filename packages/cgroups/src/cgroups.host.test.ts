import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import type { Step } from "@galley/plan";
import { afterEach, describe, expect, test } from "vitest";
import { cgroupPlan } from "./cgroup-plan.ts";
import { joinWrites, parsePids, procsFile } from "./group-control.ts";
import { type CgroupLayout, detectCgroups } from "./layout.ts";
import { controllerVersion } from "./resource-writes.ts";
import { parseStats, statFiles } from "./stats.ts";

const path = `/galley-test-${process.pid}`;

function layoutOfThisHost(): CgroupLayout {
  const texts = {
    mountinfo: readFileSync("/proc/self/mountinfo", "utf8"),
    selfCgroup: readFileSync("/proc/self/cgroup", "utf8"),
  };
  const list = `${detectCgroups(texts).unified?.mountPoint}/cgroup.controllers`;
  return detectCgroups({ ...texts, controllers: existsSync(list) ? readFileSync(list, "utf8") : undefined });
}

/** Performs the few operations of a control group's steps, as `stage` would. */
function perform(steps: readonly Step[]): void {
  const held = new Map<unknown, string>();
  for (const step of steps) {
    try {
      if (step.op === "mkdir") mkdirSync(step.args.path, step.args.mode);
      else if (step.op === "open") held.set(step.args.out, step.args.path);
      else if (step.op === "write")
        writeFileSync(step.args.at ? `${held.get(step.args.at)}/${step.args.path}` : step.args.path, step.args.bytes, {
          flag: "r+",
        });
      else throw new Error(`unexpected ${step.op}`);
    } catch (error) {
      if (!(step.ok as readonly string[] | undefined)?.includes((error as NodeJS.ErrnoException).code ?? ""))
        throw error;
    }
  }
}

test.skipIf(process.platform !== "linux")(
  "detectCgroups() understands this host (skipped where there is no Linux)",
  () => {
    const layout = layoutOfThisHost();
    expect(["v1", "v2", "hybrid", "none"]).toContain(layout.mode);
    for (const { mountPoint } of layout.legacy) expect(existsSync(`${mountPoint}/cgroup.procs`), mountPoint).toBe(true);
    if (layout.unified) expect(existsSync(`${layout.unified.mountPoint}/cgroup.controllers`)).toBe(true);
  },
);

const noRoot = process.platform !== "linux" || process.getuid?.() !== 0;
const noPids = noRoot || controllerVersion(layoutOfThisHost(), "pids") === undefined;

describe.skipIf(noPids)("cgroupPlan() on this host (skipped without root or a pids controller)", () => {
  let paths: readonly string[] = [];

  afterEach(() => {
    for (const each of paths) if (existsSync(each)) rmdirSync(each);
  });

  test("makes a group with its limit, in which a process is counted and that can be removed", async () => {
    const layout = layoutOfThisHost();
    const plan = cgroupPlan({
      layout,
      path,
      accounted: [],
      resources: { pids: { limit: 20 }, devices: [{ allow: true, access: "rwm" }] },
    });
    paths = plan.paths;
    perform(plan.hostSteps);
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    for (const { hostPath, text } of joinWrites(plan.directories, child.pid ?? 0)) writeFileSync(hostPath, text);
    expect(parsePids(readFileSync(procsFile(plan.directories) ?? "", "utf8"))).toEqual([child.pid]);
    const texts = [...statFiles(plan.directories)]
      .filter(([, file]) => existsSync(file))
      .map(([name, file]) => [name, readFileSync(file, "utf8")] as const);
    expect(parseStats(new Map(texts)).pids).toEqual({ current: 1, limit: 20 });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  });
});
