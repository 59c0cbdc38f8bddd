import { check, encode, explain, type Lane, type OperationName, type Step } from "@galley/plan";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ContainerLaunch, containerPlan } from "./container-plan.ts";
import { launches } from "./testing/arbitrary-launch.ts";
import { containerLaunch, keeperLaunch, runtimeSpec, usualMounts } from "./testing/launches.ts";
import { layouts } from "./testing/layouts.ts";
import { laneOf, lanesOf, opsOf, stepsOf, theStep } from "./testing/read-plan.ts";

interface Planned {
  readonly launch: ContainerLaunch;
  readonly host: Lane;
  readonly init: Lane;
  readonly pivot: number;
}

/** For every launch that a specification may ask for. */
function always(name: string, holds: (planned: Planned) => void): void {
  test(`containerPlan() ${name}`, () => {
    fc.assert(
      fc.property(launches, (launch) => {
        const { plan } = containerPlan(launch);
        const init = laneOf(plan, "init");
        holds({ launch, host: plan.lane, init, pivot: opsOf(init).indexOf("pivot") });
      }),
      { numRuns: 150 },
    );
  });
}

const lastIndex = (lane: Lane, wanted: (step: Step) => boolean): number => lane.steps.findLastIndex(wanted);
const isOp =
  (...ops: readonly OperationName[]) =>
  (step: Step): boolean =>
    ops.includes(step.op);

/** The absolute path that a step opens without any slot, if it does. */
function trustedPath(step: Step): string | undefined {
  const args = step.args as { readonly at?: unknown; readonly path?: unknown };
  return args.at === undefined && typeof args.path === "string" ? args.path : undefined;
}

describe("containerPlan() by rule", () => {
  test("containerPlan() breaks no rule of plans, fits their limits and says the same thing twice", () => {
    fc.assert(
      fc.property(launches, (launch) => {
        const { plan } = containerPlan(launch);
        expect(check(plan)).toEqual([]);
        expect(encode(plan).bytes.length).toBeGreaterThan(0);
        expect(explain(containerPlan(launch).plan)).toBe(explain(plan));
      }),
      { numRuns: 150 },
    );
  });

  always("has two lanes, and a program at the end of each", ({ host, init }) => {
    expect(lanesOf(host)).toEqual([host, init]);
    expect([host, init].map((lane) => opsOf(lane).indexOf("exec"))).toEqual([
      host.steps.length - 1,
      init.steps.length - 1,
    ]);
  });

  always("pivots once, after every mount and everything made in the tree", ({ init, pivot }) => {
    expect(stepsOf(init, "pivot")).toHaveLength(1);
    const making = isOp("newFileSystem", "openTree", "moveMount", "mknod", "mkdir", "symlink", "terminal", "unmount");
    expect(lastIndex(init, making)).toBeLessThan(pivot);
  });

  always("opens nothing of the host after the pivot", ({ init, pivot, launch }) => {
    const paths = init.steps.slice(pivot + 1).flatMap((step) => trustedPath(step) ?? []);
    const allowed = ["/", "/proc/self/oom_score_adj", launch.spec.process?.cwd];
    expect(paths.filter((path) => !allowed.includes(path))).toEqual([]);
    expect(init.steps.slice(pivot + 1).filter(isOp("open", "create", "listen", "inherited", "setns"))).toEqual([]);
  });

  always("names no path of the tree without a slot before the pivot", ({ init, pivot, launch }) => {
    const sources = (launch.spec.mounts ?? []).map(({ source }) => source);
    const paths = init.steps.slice(0, pivot).flatMap((step) => trustedPath(step) ?? []);
    const known = (path: string): boolean =>
      ["/", "/dev/null", "/srv/bundle/rootfs", ...sources].includes(path) ||
      path.startsWith("/sys/fs/cgroup/") ||
      path.startsWith("/proc/sys/");
    expect(paths.filter((path) => !known(path))).toEqual([]);
  });

  always("cuts or loosens the tie to the host's mounts before the first mount", ({ init }) => {
    const isolate = init.steps.findIndex((step) => step.op === "mountAttributes" && step.args.path === "/");
    const mounting = init.steps.findIndex(isOp("newFileSystem", "openTree", "moveMount"));
    expect(isolate).toBeGreaterThanOrEqual(0);
    expect(isolate).toBeLessThan(mounting);
  });

  always("labels after the last join and before the program", ({ init, launch }) => {
    const labels = stepsOf(init, "label");
    expect(labels.map(({ args }) => args.attribute[0])).toEqual(
      launch.spec.process?.selinuxLabel ? ["key", "exec"] : [],
    );
    const first = init.steps.findIndex(isOp("label"));
    if (first >= 0) expect(first).toBeGreaterThan(lastIndex(init, isOp("setns", "unshare")));
  });

  always("makes the cgroup namespace after the last control group is joined", ({ init, launch }) => {
    const makes = launch.spec.linux?.namespaces?.some(({ type, path }) => type === "cgroup" && !path) ?? false;
    const unshare = init.steps.findIndex((step) => step.op === "unshare" && step.args.namespaces.includes("cgroup"));
    const joined = lastIndex(init, (step) => step.op === "write" && ["tasks", "cgroup.procs"].includes(step.args.path));
    expect(joined).toBeGreaterThanOrEqual(0);
    expect(unshare > joined).toBe(makes);
  });

  always("clones exactly the new namespaces", ({ host, launch }) => {
    const created = (launch.spec.linux?.namespaces ?? []).flatMap(({ type, path }) => (path ? [] : [type]));
    const cloned = created.filter((type) => type !== "cgroup" && type !== "time");
    expect([...theStep(host, "clone").args.namespaces].sort()).toEqual(cloned.sort());
  });

  always("joins every namespace that has a path, the pid namespace before the clone", ({ host, init, launch }) => {
    const joins = (lane: Lane): string[] => stepsOf(lane, "setns").flatMap(({ args }) => [...args.namespaces]);
    const named = (launch.spec.linux?.namespaces ?? []).flatMap(({ type, path }) => (path ? [type as string] : []));
    expect(joins(host)).toEqual(named.includes("pid") ? ["pid"] : []);
    expect(joins(init).sort()).toEqual(named.filter((type) => type !== "pid").sort());
    expect(lastIndex(host, isOp("setns"))).toBeLessThan(host.steps.findIndex(isOp("clone")));
  });

  always("turns the root read-only last of all, exactly when asked", ({ init, pivot, launch }) => {
    const before = init.steps[pivot - 1];
    const { root } = theStep(init, "pivot").args;
    const sealed =
      before?.op === "mountAttributes" &&
      before.args.at === root &&
      before.args.path === "" &&
      before.args.set?.includes("readOnly");
    expect(sealed ?? false).toBe(launch.spec.root?.readonly);
  });

  always("masks after paths are read-only, and both after the last of the specification's mounts", ({ init }) => {
    const at = (pattern: RegExp): number[] =>
      init.steps.flatMap(({ why }, index) => (pattern.test(why) ? [index] : []));
    const [masks, readonly, mounts] = [at(/mask/), at(/read-only \S+ in place/), at(/^(bind|mount) \S+ on /)];
    expect(Math.max(-1, ...readonly)).toBeLessThan(Math.min(Number.MAX_VALUE, ...masks));
    expect(Math.max(-1, ...mounts)).toBeLessThan(Math.min(Number.MAX_VALUE, ...masks, ...readonly));
  });

  always(
    "loads a filter exactly when there is one, and forbids new privileges exactly when asked",
    ({ init, launch }) => {
      expect(stepsOf(init, "seccomp")).toHaveLength(launch.spec.linux?.seccomp ? 1 : 0);
      expect(stepsOf(init, "noNewPrivileges")).toHaveLength(launch.spec.process?.noNewPrivileges ? 1 : 0);
    },
  );

  always("gives a controlling terminal exactly when asked, and its master to the keeper", ({ host, init, launch }) => {
    const terminal = launch.spec.process?.terminal ?? false;
    expect(stepsOf(init, "controlTerminal")).toHaveLength(terminal ? 1 : 0);
    expect(theStep(host, "exec").args.argv.includes("--pty")).toBe(terminal);
    expect(theStep(host, "exec").args.argv.includes("--stdin")).toBe(!terminal && launch.openStdin);
    expect(opsOf(init).indexOf("session")).toBeLessThan(
      terminal ? opsOf(init).indexOf("controlTerminal") : init.steps.length,
    );
  });

  always("makes each control group and has the keeper remove each", ({ host }) => {
    const { argv } = theStep(host, "exec").args;
    const removed = argv.flatMap((word, index) => (argv[index - 1] === "--rmdir" ? [word] : []));
    const made = stepsOf(host, "mkdir").map(({ args }) => args.path);
    expect(removed.length).toBeGreaterThan(0);
    for (const path of removed) expect(made).toContain(path);
    expect(argv.some((word) => /^oom=.*\/memory\.(events|oom_control)$/.test(word))).toBe(true);
  });

  always("lets the caller's two marks wait and tell exactly once, or never", ({ host, init, launch }) => {
    const tells = stepsOf(init, "tell").filter(({ args }) => args.mark === launch.created);
    const awaits = stepsOf(host, "await").filter(({ args }) => args.mark === launch.start);
    expect([tells.length, awaits.length]).toEqual(launch.start ? [1, 1] : [0, 0]);
  });

  always("names a contributor and a reason for every step", ({ host, init }) => {
    for (const { by, why } of [...host.steps, ...init.steps]) {
      expect(by).toMatch(/^[a-z]+$/);
      expect(why).toMatch(/^[a-z]/);
    }
  });
});

describe("containerPlan()", () => {
  test("containerPlan() tells the command and whether somebody is attached", () => {
    const planned = containerPlan(
      containerLaunch(runtimeSpec({ process: { args: ["sleep", "1"] } }), { keeper: keeperLaunch({ attached: true }) }),
    );
    expect(planned).toMatchObject({ command: "sleep", attached: true, plan: { title: "run container c1" } });
    expect(planned.processLane).toBe(laneOf(planned.plan, "init"));
  });

  test("containerPlan() puts the container where the specification says, else into a group of its own", () => {
    const groups = (cgroupsPath?: string) => {
      const { plan } = containerPlan(
        containerLaunch(runtimeSpec({ linux: cgroupsPath ? { cgroupsPath } : {} }), { cgroups: layouts.v2 }),
      );
      return stepsOf(plan.lane, "mkdir").map(({ args }) => args.path);
    };
    expect(groups()).toEqual(["/sys/fs/cgroup/galley-c1"]);
    expect(groups("/a/b")).toEqual(["/sys/fs/cgroup/a", "/sys/fs/cgroup/a/b"]);
  });

  test("containerPlan() opens a terminal of the size asked for, else of the specification's", () => {
    const size = (changes: Partial<ContainerLaunch>) => {
      const spec = runtimeSpec({ process: { terminal: true, consoleSize: { height: 40, width: 100 } } });
      const { rows, columns } = theStep(
        laneOf(containerPlan(containerLaunch(spec, changes)).plan, "init"),
        "terminal",
      ).args;
      return [rows, columns];
    };
    expect(size({})).toEqual([40, 100]);
    expect(size({ size: { rows: 1, columns: 2 } })).toEqual([1, 2]);
  });

  test("containerPlan() refuses a terminal where the container has no devpts of its own", () => {
    const mounts = usualMounts.filter(({ destination }) => destination !== "/dev/pts");
    const spec = runtimeSpec({ mounts, process: { terminal: true } });
    expect(() => containerPlan(containerLaunch(spec))).toThrow(
      expect.objectContaining({ kind: "invalid", code: "runtime.no-devpts" }),
    );
  });

  test("containerPlan() leaves a /dev that is the user's own bind alone", () => {
    const bound = usualMounts.map((mount) =>
      mount.destination === "/dev" ? { destination: "/dev", type: "bind", source: "/dev", options: ["rbind"] } : mount,
    );
    const init = laneOf(containerPlan(containerLaunch(runtimeSpec({ mounts: bound }))).plan, "init");
    expect(stepsOf(init, "mknod")).toEqual([]);
    expect(stepsOf(init, "symlink").filter(({ why }) => why.includes("/dev/"))).toEqual([]);
  });

  test("containerPlan() makes the working directory with all above it, and no more than once each", () => {
    const made = (cwd: string) => {
      const init = laneOf(containerPlan(containerLaunch(runtimeSpec({ process: { cwd } }))).plan, "init");
      return stepsOf(init, "mkdir").flatMap(({ args, why }) => (why.includes("working directory") ? [args.path] : []));
    };
    expect(made("/")).toEqual([]);
    expect(made("//srv/./app/")).toEqual(["srv", "srv/app"]);
  });

  test("containerPlan() refuses a container without a mount namespace, whose root would become the host's", () => {
    const spec = runtimeSpec({ linux: { namespaces: [{ type: "pid" }] } });
    expect(() => containerPlan(containerLaunch(spec))).toThrow(
      expect.objectContaining({ code: "runtime.no-mount-namespace" }),
    );
  });

  test("containerPlan() passes on what the caller says about a missing source", () => {
    const mounts = [...usualMounts, { destination: "/x", type: "bind", source: "/missing" }];
    const sourceKind = (path: string): never => {
      throw new Error(`no ${path}`);
    };
    expect(() => containerPlan(containerLaunch(runtimeSpec({ mounts }), { sourceKind }))).toThrow("no /missing");
  });
});
