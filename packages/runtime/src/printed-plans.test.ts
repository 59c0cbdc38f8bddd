import { explain, mark, type Plan } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { type ContainerLaunch, containerPlan } from "./container-plan.ts";
import { execPlan } from "./exec-plan.ts";
import {
  containerLaunch,
  execLaunch,
  keeperLaunch,
  runtimeSpec,
  type SpecChanges,
  usualMounts,
} from "./testing/launches.ts";
import { layouts } from "./testing/layouts.ts";

function container(changes: SpecChanges = {}, more: Partial<ContainerLaunch> = {}): Plan {
  const spec = runtimeSpec(changes);
  return containerPlan(containerLaunch(spec, { cgroups: layouts.v2, ...more })).plan;
}

const cgroups = [
  { version: 2 as const, controllers: ["memory"], mountPoint: "/sys/fs/cgroup", hostPath: "/sys/fs/cgroup/galley-c1" },
];

const seccomp = {
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO" }],
} as const;

const resources = {
  memory: { limit: 64 * 2 ** 20, swap: 128 * 2 ** 20 },
  cpu: { quota: 50_000, period: 100_000 },
  pids: { limit: 20 },
  devices: [{ allow: false, access: "rwm" }],
};

/** One for each feature, to look at: what must hold is in the tests by rule. */
const features: Readonly<Record<string, Plan>> = {
  "limits on a hybrid host": container({ linux: { resources } }, { cgroups: layouts.hybrid }),
  "limits, version 2 control groups": container({ linux: { resources } }),
  "a terminal, attached": container(
    { process: { terminal: true } },
    { keeper: keeperLaunch({ attached: true }), size: { rows: 24, columns: 80 } },
  ),
  "standard input, in two steps": container({}, { openStdin: true, start: mark("start"), created: mark("created") }),
  "a read-only root, masked and read-only paths": container(
    {
      root: { path: "rootfs", readonly: true },
      linux: { maskedPaths: ["/proc/kcore", "/sys/firmware"], readonlyPaths: ["/proc/sys"] },
    },
    { kindOf: (path) => (path === "/proc/kcore" ? "file" : "directory") },
  ),
  "volumes, a tmpfs and devices": container({
    mounts: [
      ...usualMounts,
      { destination: "/data", type: "bind", source: "/srv/data", options: ["rbind", "ro", "rslave"] },
      { destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["size=64k", "ro"] },
    ],
    linux: {
      devices: [
        { path: "/dev/fuse", type: "c", major: 10, minor: 229 },
        { path: "/run/pipe", type: "p", fileMode: 0o600, uid: 5, gid: 6 },
      ],
    },
  }),
  "another user, a filter and no new privileges": container({
    process: {
      user: { uid: 1000, gid: 1000, umask: 0o077, additionalGids: [10] },
      noNewPrivileges: true,
      oomScoreAdj: 100,
      selinuxLabel: "system_u:system_r:container_t:s0:c1,c2",
      rlimits: [{ type: "RLIMIT_NOFILE", soft: 1024, hard: 1024 }],
    },
    linux: { seccomp },
  }),
  "a filter without no_new_privs": container({ linux: { seccomp } }),
  "names, sysctls and joined namespaces": container({
    hostname: "box",
    domainname: "example",
    linux: {
      sysctl: { "net.ipv4.ip_forward": "1" },
      timeOffsets: { monotonic: { secs: 5 } },
      namespaces: [
        { type: "mount" },
        { type: "uts" },
        { type: "time" },
        { type: "pid", path: "/proc/77/ns/pid" },
        { type: "network", path: "/run/netns/blue" },
      ],
    },
  }),
};

const execs: Readonly<Record<string, Plan>> = {
  "a process in a container": execPlan(execLaunch({}, { cgroups, openStdin: true })).plan,
  "a process in a container, with a terminal": execPlan(
    execLaunch({ terminal: true }, { cgroups, seccomp, keeper: keeperLaunch({ attached: true }) }),
  ).plan,
};

const base = container();
const numbered = /^ *\d+ /;

/** The lines of a plan that the base has not, and after them those of the base that it has not. */
function difference(plan: Plan): string {
  const [lines, baseLines] = [plan, base].map((each) => explain(each).split("\n"));
  const words = (line: string): string => line.replace(numbered, "").replace(/ {2,}/, " ");
  const without = (some: readonly string[] = [], others: readonly string[] = []): string[] => {
    const known = new Set(others.map(words));
    return some.filter((line) => !numbered.test(line) || !known.has(words(line)));
  };
  const missing = without(baseLines, lines).filter((line) => numbered.test(line));
  return [...without(lines, baseLines), ...missing.map((line) => `-${line}`)].filter((line) => line !== "").join("\n");
}

describe("explain()", () => {
  test("explain() prints a container as engines ask for it", () => {
    expect(`\n${explain(base)}\n`).toMatchSnapshot();
  });

  test.each(Object.entries(features))("explain() prints what makes the difference: %s", (_, plan) => {
    expect(`\n${difference(plan)}\n`).toMatchSnapshot();
  });

  test.each(Object.entries(execs))("explain() prints %s", (_, plan) => {
    expect(`\n${explain(plan)}\n`).toMatchSnapshot();
  });
});
