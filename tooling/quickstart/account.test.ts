import { expect, test } from "vitest";
import { accountOf, stepsOf } from "./account.ts";

const plan = {
  title: "run hello",
  lane: {
    name: "host",
    steps: [
      { op: "mkdir", by: "cgroups", why: "make the cgroup", args: { path: "/x" } },
      {
        op: "clone",
        by: "namespaces",
        why: "start the lane init",
        args: {
          namespaces: ["mount", "pid"],
          lane: { name: "init", steps: [{ op: "seccomp", by: "seccomp", why: "load the filter", args: {} }] },
        },
      },
    ],
  },
};

test("stepsOf() finds the steps of every lane", () => {
  expect(stepsOf(plan).map(({ op }) => op)).toEqual(["mkdir", "clone", "seccomp"]);
});

test("accountOf() speaks of every subject, also of one that has no step", () => {
  expect(accountOf(plan)).toEqual([
    "plan        3 steps, of cgroups 1, namespaces 1, seccomp 1",
    "namespaces  mount pid",
    "cgroup      make the cgroup",
    "seccomp     load the filter",
    "label       nothing to do here",
  ]);
});
