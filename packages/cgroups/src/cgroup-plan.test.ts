import { check, explain, lane, type Step, stepper } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { type CgroupPlan, cgroupPlan, enterCgroup } from "./cgroup-plan.ts";
import { bare, hybrid, joined, unified } from "./testing/hosts.ts";

const path = "/galley/4f1c";
const limits = { memory: { limit: 64 * 1024 * 1024 }, cpu: { quota: 50_000, period: 100_000 }, pids: { limit: 20 } };
const deny = { devices: [{ allow: false, access: "rwm" }] };

const whole = (plan: CgroupPlan): Parameters<typeof check>[0] => {
  const step = stepper("runtime");
  const init = lane("init", [
    ...plan.joinSteps,
    step("unshare", { namespaces: ["cgroup"] }, "make a new cgroup namespace"),
  ]);
  return {
    title: "limits",
    lane: lane("host", [...plan.hostSteps, step("clone", { lane: init, namespaces: ["pid"] }, "start")]),
  };
};
const texts = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) =>
    step.op === "write" ? [`${step.args.path} ${new TextDecoder().decode(step.args.bytes)}`] : [],
  );

test("cgroupPlan() gives a plan whose rules hold, on every kind of host", () => {
  for (const layout of [hybrid, unified])
    expect(check(whole(cgroupPlan({ layout, path, resources: { ...limits, ...deny } })))).toEqual([]);
});

test("cgroupPlan(): the printed plan for a hybrid host", () => {
  expect(explain(whole(cgroupPlan({ layout: hybrid, path, resources: limits })))).toMatchSnapshot();
});

test("cgroupPlan(): the printed plan for a version 2 host", () => {
  expect(explain(whole(cgroupPlan({ layout: unified, path, resources: limits })))).toMatchSnapshot();
});

test("cgroupPlan() makes and joins what counts and pauses, but not cpuset", () => {
  const { directories, paths, joinSteps } = cgroupPlan({ layout: hybrid, path });
  expect(directories.flatMap(({ controllers }) => controllers)).toEqual([
    "cpu",
    "cpuacct",
    "memory",
    "devices",
    "freezer",
    "blkio",
    "pids",
    "name=systemd",
  ]);
  expect(paths).toContain("/sys/fs/cgroup/pids/galley/4f1c");
  expect(joinSteps).toHaveLength(directories.length);
});

test("cgroupPlan() makes only what is needed when told so", () => {
  expect(
    cgroupPlan({ layout: hybrid, path, accounted: [], resources: { pids: { limit: 5 } } }).directories.flatMap(
      ({ controllers }) => controllers,
    ),
  ).toEqual(["devices", "pids"]);
});

test("cgroupPlan() never writes to a group that it did not make, but for handing controllers down", () => {
  for (const layout of [hybrid, unified]) {
    for (const step of cgroupPlan({ layout, path, resources: { ...limits, ...deny } }).hostSteps) {
      if (step.op === "mkdir") expect(step.args.path).toMatch(/\/galley(\/4f1c)?$/);
      if (step.op === "write" && !step.args.at)
        expect(step.args.path).toMatch(/^\/sys\/fs\/cgroup(\/galley)?\/cgroup\.subtree_control$/);
      if (step.op === "write") expect(step.args.flags).toEqual(["cgroup"]);
    }
  }
});

test("cgroupPlan() hands controllers down from each level before the next is made", () => {
  const steps = cgroupPlan({ layout: unified, path, resources: limits }).hostSteps;
  const order = steps
    .slice(0, 11)
    .map((step) =>
      step.op === "mkdir" || step.op === "write" || step.op === "open" ? `${step.op} ${step.args.path}` : step.op,
    );
  expect(order.filter((line, index) => line !== order[index - 1])).toEqual([
    "write /sys/fs/cgroup/cgroup.subtree_control",
    "mkdir /sys/fs/cgroup/galley",
    "write /sys/fs/cgroup/galley/cgroup.subtree_control",
    "mkdir /sys/fs/cgroup/galley/4f1c",
    "open /sys/fs/cgroup/galley/4f1c",
  ]);
  expect(texts(steps)[0]).toBe("/sys/fs/cgroup/cgroup.subtree_control +cpu +io +memory +pids");
});

test("cgroupPlan() filters devices by program on version 2 and by list on version 1", () => {
  const ops = (plan: CgroupPlan): string[] => plan.hostSteps.map(({ op }) => op);
  expect(ops(cgroupPlan({ layout: unified, path }))).toContain("deviceFilter");
  expect(texts(cgroupPlan({ layout: hybrid, path }).hostSteps)[0]).toBe("devices.deny a");
  const all = { devices: [{ allow: true, access: "rwm" }] };
  expect(ops(cgroupPlan({ layout: unified, path, resources: all }))).not.toContain("deviceFilter");
  expect(texts(cgroupPlan({ layout: hybrid, path, resources: all }).hostSteps)).toEqual([]);
});

test("cgroupPlan() offers the version 2 directory to a clone", () => {
  const { unified: group, joinSteps } = cgroupPlan({ layout: unified, path });
  expect(joinSteps).toMatchObject([{ op: "write", args: { at: group, path: "cgroup.procs", flags: ["cgroup"] } }]);
  expect(cgroupPlan({ layout: hybrid, path }).unified).toBeUndefined();
});

test("cgroupPlan() gives processors to each new level of version 1", () => {
  const resources = { cpu: { cpus: "1" } };
  const plan = cgroupPlan({
    layout: hybrid,
    path,
    accounted: [],
    resources,
    cpusetParent: { cpus: "0-3\n", mems: "0\n" },
  });
  expect(texts(plan.hostSteps).filter((text) => text.includes("cpuset"))).toEqual([
    "/sys/fs/cgroup/cpuset/galley/cpuset.cpus 0-3",
    "/sys/fs/cgroup/cpuset/galley/cpuset.mems 0",
    "/sys/fs/cgroup/cpuset/galley/4f1c/cpuset.cpus 0-3",
    "/sys/fs/cgroup/cpuset/galley/4f1c/cpuset.mems 0",
    "cpuset.cpus 1",
  ]);
  expect(() => cgroupPlan({ layout: hybrid, path, resources })).toThrow(
    expect.objectContaining({ code: "cgroups.cpuset-parent" }),
  );
});

test("cgroupPlan() leaves the processors of existing groups alone", () => {
  const cpusetParent = { cpus: "0-1", mems: "0", path: "/galley" };
  const plan = cgroupPlan({ layout: hybrid, path, accounted: [], resources: { cpu: { cpus: "1" } }, cpusetParent });
  const written = texts(plan.hostSteps).filter((text) => text.startsWith("/sys/fs/cgroup/cpuset"));
  expect(written).toEqual([
    "/sys/fs/cgroup/cpuset/galley/4f1c/cpuset.cpus 0-1",
    "/sys/fs/cgroup/cpuset/galley/4f1c/cpuset.mems 0",
  ]);
});

test("cgroupPlan() refuses to forget a device list for want of a controller", () => {
  expect(() => cgroupPlan({ layout: bare, path })).toThrow(
    expect.objectContaining({ kind: "unsupported", message: expect.stringContaining("devices") }),
  );
  expect(cgroupPlan({ layout: bare, path, resources: { devices: [{ allow: true }] } })).toMatchObject({
    directories: [],
    hostSteps: [],
    joinSteps: [],
  });
});

test("cgroupPlan() knows where out-of-memory kills are counted", () => {
  expect(cgroupPlan({ layout: hybrid, path }).oom).toEqual({
    hostPath: "/sys/fs/cgroup/memory/galley/4f1c/memory.oom_control",
    version: 1,
  });
  expect(cgroupPlan({ layout: unified, path }).oom).toEqual({
    hostPath: "/sys/fs/cgroup/galley/4f1c/memory.events",
    version: 2,
  });
});

describe("cgroupPlan() shows inside the container", () => {
  test("the one version 2 file system", () => {
    expect(cgroupPlan({ layout: unified, path }).view).toEqual({ version: 2 });
  });

  test("its own version 1 groups, or those of whoever starts it where it joined none", () => {
    const view = cgroupPlan({ layout: hybrid, path, accounted: ["pids"] }).view;
    expect(view).toMatchObject({ version: 1, links: [] });
    const paths = view?.version === 1 ? view.hierarchies.map(({ hostPath }) => hostPath) : [];
    expect(paths).toContain("/sys/fs/cgroup/pids/galley/4f1c");
    expect(paths).toContain("/sys/fs/cgroup/memory/session/4f");
    expect(paths).toContain("/sys/fs/cgroup/cpuset");
  });

  test("new mounts in a cgroup namespace, with links for joined controllers", () => {
    const view = cgroupPlan({ layout: joined, path, namespaced: true }).view;
    expect(view).toMatchObject({
      hierarchies: expect.arrayContaining([{ name: "cpu,cpuacct", options: ["cpu", "cpuacct"] }]),
    });
    expect(view?.version === 1 && view.links.slice(0, 2)).toEqual([
      { name: "cpu", target: "cpu,cpuacct" },
      { name: "cpuacct", target: "cpu,cpuacct" },
    ]);
  });
});

test("enterCgroup() holds and joins each directory", () => {
  const { directories } = cgroupPlan({ layout: hybrid, path, accounted: ["pids"] });
  const { hostSteps, joinSteps } = enterCgroup(directories);
  expect(hostSteps.map(({ op }) => op)).toEqual(["open", "open"]);
  expect(texts(joinSteps)).toEqual(["tasks 0", "tasks 0"]);
});
