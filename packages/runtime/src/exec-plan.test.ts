import { check, encode, explain } from "@galley/plan";
import type { ProcessSpec } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ExecLaunch, execPlan } from "./exec-plan.ts";
import { execLaunch, keeperLaunch } from "./testing/launches.ts";
import { laneOf, lanesOf, opsOf, stepsOf, theStep } from "./testing/read-plan.ts";

const group = (name: string, version: 1 | 2 = 1): ExecLaunch["cgroups"][number] => ({
  version,
  controllers: [name],
  mountPoint: `/sys/fs/cgroup/${name}`,
  hostPath: `/sys/fs/cgroup/${name}/galley-c1`,
});

const names = ["mount", "pid", "network", "uts", "ipc", "cgroup", "time"] as const;

const launches = fc
  .record({
    process: fc.record(
      {
        terminal: fc.boolean(),
        noNewPrivileges: fc.boolean(),
        user: fc.record({ uid: fc.nat(), gid: fc.nat() }),
        selinuxLabel: fc.constantFrom("", "a:b:c:s0"),
      },
      { requiredKeys: [] },
    ),
    namespaces: fc.subarray([...names]),
    cgroups: fc.subarray([group("memory"), group("pids"), group("unified", 2)]),
    seccomp: fc.boolean(),
    openStdin: fc.boolean(),
    attached: fc.boolean(),
  })
  .map(({ process, seccomp, attached, ...others }) =>
    execLaunch(process, {
      ...others,
      keeper: keeperLaunch({ attached }),
      ...(seccomp ? { seccomp: { defaultAction: "SCMP_ACT_ALLOW" } } : {}),
    }),
  );

const exec = (changes: Partial<ExecLaunch> = {}, process: Partial<ProcessSpec> = {}) => {
  const { plan } = execPlan(execLaunch(process, changes));
  return { plan, host: plan.lane, lane: laneOf(plan, "exec") };
};

describe("execPlan()", () => {
  test("execPlan() breaks no rule of plans, whatever is asked", () => {
    fc.assert(
      fc.property(launches, (launch) => {
        const { plan } = execPlan(launch);
        expect(check(plan)).toEqual([]);
        expect(encode(plan).bytes.length).toBeGreaterThan(0);
        expect(lanesOf(plan.lane)).toHaveLength(2);
        expect(explain(execPlan(launch).plan)).toBe(explain(plan));
      }),
    );
  });

  test("execPlan() holds the container's first process by pid and start time before all else of the container", () => {
    const { host } = exec({ cgroups: [group("memory")] });
    expect(theStep(host, "openProcess").args).toMatchObject({ pid: 4711, startTicks: 123_456 });
    const ops = opsOf(host);
    expect(ops.indexOf("openProcess")).toBeLessThan(ops.indexOf("setns"));
    expect(ops.indexOf("setns")).toBeLessThan(ops.indexOf("clone"));
  });

  test("execPlan() joins the pid namespace before the clone and all others after it, by the same pidfd", () => {
    const { host, lane } = exec();
    const target = theStep(host, "openProcess").args.out;
    expect(theStep(host, "setns").args).toEqual({ target, namespaces: ["pid"] });
    expect(theStep(lane, "setns").args).toEqual({ target, namespaces: ["mount", "network", "uts", "ipc", "cgroup"] });
    expect(theStep(host, "clone").args.namespaces).toEqual([]);
  });

  test("execPlan() joins nothing where the container shares everything with the host", () => {
    const { host, lane } = exec({ namespaces: [] });
    expect([...opsOf(host), ...opsOf(lane)]).not.toContain("setns");
    expect(stepsOf(exec({ namespaces: ["pid"] }).lane, "setns")).toEqual([]);
  });

  test("execPlan() joins the control groups while their host paths are still there, and labels after the last join", () => {
    const { host, lane } = exec({ cgroups: [group("memory"), group("unified", 2)] }, { selinuxLabel: "a:b:c:s0" });
    expect(stepsOf(lane, "write").map(({ args }) => args.path)).toEqual(["tasks", "cgroup.procs"]);
    expect(stepsOf(host, "open").map(({ args }) => args.path)).toContain("/sys/fs/cgroup/memory/galley-c1");
    const ops = opsOf(lane);
    expect(ops.lastIndexOf("write")).toBeLessThan(ops.indexOf("setns"));
    expect(ops.indexOf("setns")).toBeLessThan(ops.indexOf("label"));
  });

  test("execPlan() opens a terminal in the container's devpts once it is inside", () => {
    const { lane } = exec({ size: { rows: 3, columns: 4 } }, { terminal: true });
    const ops = opsOf(lane);
    expect(ops.slice(ops.indexOf("setns"), ops.indexOf("controlTerminal") + 1)).toEqual([
      "setns",
      "open",
      "open",
      "terminal",
      "attributes",
      "controlTerminal",
    ]);
    expect(theStep(lane, "terminal").args).toMatchObject({ rows: 3, columns: 4 });
    expect(opsOf(exec({}, { terminal: true, consoleSize: { height: 9, width: 8 } }).lane)).toEqual(ops);
    expect(
      theStep(exec({}, { terminal: true, consoleSize: { height: 9, width: 8 } }).lane, "terminal").args,
    ).toMatchObject({ rows: 9, columns: 8 });
  });

  test("execPlan() removes nothing of the container at the end", () => {
    expect(theStep(exec({ cgroups: [group("memory")] }).host, "exec").args.argv).not.toContain("--rmdir");
  });

  test("execPlan() tells the command, its title and whether somebody is attached", () => {
    const launch = execLaunch(
      { args: ["ls", "-l"] },
      { title: "exec in box", keeper: keeperLaunch({ attached: true }) },
    );
    expect(execPlan(launch)).toMatchObject({ command: "ls", attached: true, plan: { title: "exec in box" } });
  });

  test.each<[string, Partial<ProcessSpec>, Partial<ExecLaunch>]>([
    ["process.apparmorProfile", { apparmorProfile: "x" }, {}],
    ["process.scheduler", { scheduler: { policy: "SCHED_BATCH" } }, {}],
    ["process.ioPriority", { ioPriority: { class: "IOPRIO_CLASS_RT", priority: 1 } }, {}],
    ["process.execCPUAffinity", { execCPUAffinity: { final: "1" } }, {}],
    ["linux.seccomp.listenerPath", {}, { seccomp: { defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/x" } }],
  ])("execPlan() refuses %s", (field, process, changes) => {
    expect(() => exec(changes, process)).toThrow(expect.objectContaining({ kind: "unsupported", details: { field } }));
  });

  test("execPlan() refuses a relative working directory and a process without a command", () => {
    expect(() => exec({}, { cwd: "tmp" })).toThrow(expect.objectContaining({ code: "runtime.bad-directory" }));
    expect(() => exec({}, { args: [] })).toThrow(expect.objectContaining({ code: "runtime.no-command" }));
  });
});
