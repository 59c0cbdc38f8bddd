import { expect, test } from "vitest";
import { accountOf, stepsOf } from "./account.ts";

const plan = {
  title: "run hello",
  lanes: [
    {
      lane: "host",
      steps: [
        { op: "mkdir", by: "cgroups", why: "make the cgroup", args: { path: "/x" } },
        { op: "write", by: "cgroups", why: "limit memory", args: {} },
        {
          op: "clone",
          by: "namespaces",
          why: "start the lane init",
          args: { namespaces: ["mount", "pid"], lane: "init" },
        },
      ],
    },
    { lane: "init", steps: [{ op: "seccomp", by: "seccomp", why: "load the filter", args: {} }] },
  ],
};

test("stepsOf() finds the steps of every lane", () => {
  expect(stepsOf(plan).map(({ op }) => op)).toEqual(["mkdir", "write", "clone", "seccomp"]);
});

test("accountOf() speaks of every subject, also of one that has no step", () => {
  expect(accountOf(plan)).toEqual([
    "plan        4 steps: cgroups 2, namespaces 1, seccomp 1",
    "namespaces  mount, pid",
    "cgroup      limit memory",
    "seccomp     load the filter",
    "label       none, SELinux is off on this host",
  ]);
});
