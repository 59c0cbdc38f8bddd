import { check, lane, stepper } from "@galley/plan";
import { isGalleyError, type NamespaceSpec, type NamespaceType } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSeparate, planNamespaces } from "./plan-namespaces.ts";

const types: readonly NamespaceType[] = ["user", "mount", "pid", "network", "uts", "ipc", "cgroup", "time"];
const podman: readonly NamespaceSpec[] = [
  { type: "pid" },
  { type: "network" },
  { type: "ipc" },
  { type: "uts" },
  { type: "mount" },
  { type: "cgroup" },
];

test("planNamespaces() clones what is new, but leaves the cgroup namespace for after joining the groups", () => {
  const plan = planNamespaces(podman);
  expect(plan.clone).toEqual(["mount", "pid", "network", "uts", "ipc"]);
  expect(plan.created).toEqual(["mount", "pid", "network", "uts", "ipc", "cgroup"]);
  expect(plan.host).toEqual(["user", "time"]);
  expect(plan.hostSteps).toEqual([]);
  expect(plan.initSteps).toEqual([]);
  expect(plan.cgroupSteps).toMatchObject([{ op: "unshare", by: "namespaces", args: { namespaces: ["cgroup"] } }]);
});

test("planNamespaces() opens joined namespaces in the host lane and joins them in the init lane", () => {
  const plan = planNamespaces([
    { type: "mount" },
    { type: "network", path: "/run/netns/blue" },
    { type: "ipc", path: "/proc/7/ns/ipc" },
  ]);
  expect(plan.clone).toEqual(["mount"]);
  expect(plan.hostSteps.map(({ op, args }) => [op, "path" in args && args.path])).toEqual([
    ["open", "/run/netns/blue"],
    ["open", "/proc/7/ns/ipc"],
  ]);
  expect(plan.initSteps.map(({ op, args }) => [op, "namespaces" in args && args.namespaces])).toEqual([
    ["setns", ["network"]],
    ["setns", ["ipc"]],
  ]);
});

test("planNamespaces() joins a pid namespace before the clone, since joining counts for children only", () => {
  const plan = planNamespaces([{ type: "pid", path: "/proc/7/ns/pid" }, { type: "mount" }]);
  expect(plan.hostSteps.map(({ op }) => op)).toEqual(["open", "setns"]);
  expect(plan.initSteps).toEqual([]);
});

test("planNamespaces() joins the user namespace first and makes new ones inside it", () => {
  const plan = planNamespaces([
    { type: "mount" },
    { type: "network", path: "/run/netns/blue" },
    { type: "user", path: "/proc/7/ns/user" },
  ]);
  expect(plan.clone).toEqual([]);
  expect(plan.initSteps.map(({ op, args }) => [op, "namespaces" in args && args.namespaces])).toEqual([
    ["setns", ["user"]],
    ["setns", ["network"]],
    ["unshare", ["mount"]],
  ]);
});

test("planNamespaces() joins the mount namespace last, whatever the order of the list", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([...types], { minLength: 1 }), (names) => {
      const plan = planNamespaces(names.map((type) => ({ type, path: `/ns/${type}` })));
      const joined = plan.initSteps.flatMap(({ op, args }) =>
        op === "setns" && "namespaces" in args ? args.namespaces : [],
      );
      if (names.includes("user")) expect(joined[0]).toBe("user");
      if (names.includes("mount")) expect(joined.at(-1)).toBe("mount");
      expect([...joined, ...(names.includes("pid") ? ["pid"] : [])].toSorted()).toEqual(names.toSorted());
    }),
  );
});

test("planNamespaces() puts every kind into exactly one of created, joined and host", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...types)),
      fc.uniqueArray(fc.constantFrom(...types)),
      (listed, withPath) => {
        const spec = listed.map(
          (type): NamespaceSpec =>
            withPath.includes(type) && type !== "user" && !listed.includes("user")
              ? { type, path: `/ns/${type}` }
              : { type },
        );
        const plan = planNamespaces(spec);
        const all = [...plan.created, ...plan.joined.map(({ name }) => name), ...plan.host];
        expect(all.toSorted()).toEqual(types.toSorted());
        for (const name of types) expect(isSeparate(plan, name)).toBe(listed.includes(name));
      },
    ),
  );
});

test("planNamespaces() makes a time namespace in the parent, with its clocks set before anyone enters", () => {
  const plan = planNamespaces([{ type: "time" }], {
    timeOffsets: { monotonic: { secs: 60 }, boottime: { secs: 1, nanosecs: 5 } },
  });
  expect(plan.clone).toEqual([]);
  expect(plan.hostSteps.map(({ op }) => op)).toEqual(["unshare", "write"]);
  expect(plan.hostSteps[1]).toMatchObject({
    args: {
      path: "/proc/self/timens_offsets",
      flags: ["proc"],
      bytes: new TextEncoder().encode("monotonic 60 0\nboottime 1 5\n"),
    },
  });
});

test("planNamespaces() gives steps that the plan's rules accept", () => {
  const step = stepper("test");
  const plan = planNamespaces([
    ...podman.filter(({ type }) => type !== "network"),
    { type: "network", path: "/run/netns/blue" },
  ]);
  const init = lane("init", [...plan.initSteps, ...plan.cgroupSteps, step("session", {}, "work")]);
  const host = lane("host", [...plan.hostSteps, step("clone", { lane: init, namespaces: plan.clone }, "start")]);
  expect(check({ title: "test", lane: host })).toEqual([]);
});

describe("planNamespaces() refuses", () => {
  const refused: readonly [string, readonly NamespaceSpec[], string][] = [
    ["a type named twice", [{ type: "pid" }, { type: "pid", path: "/x" }], "namespaces.twice"],
    ["an unknown type", [{ type: "colour" as NamespaceType }], "namespaces.unknown"],
    ["a relative path", [{ type: "network", path: "netns/blue" }], "namespaces.path"],
    ["a path with a zero byte", [{ type: "network", path: "/run/\0" }], "namespaces.path"],
    [
      "a new pid namespace in a joined user namespace",
      [{ type: "user", path: "/u" }, { type: "pid" }],
      "namespaces.pid-in-joined-user",
    ],
    [
      "a joined namespace beside a new user namespace",
      [{ type: "user" }, { type: "network", path: "/n" }],
      "namespaces.join-beside-user",
    ],
  ];
  test.each(refused)("%s", (_, namespaces, code) => {
    expect(() => planNamespaces(namespaces)).toThrow(expect.objectContaining({ code }));
  });

  test("time offsets without a new time namespace", () => {
    expect(() => planNamespaces([], { timeOffsets: { boottime: { secs: 1 } } })).toThrow(
      expect.objectContaining({ code: "namespaces.time-offsets" }),
    );
  });

  test("clocks that have no offset, and numbers that are not whole", () => {
    for (const timeOffsets of [
      { realtime: { secs: 1 } },
      { monotonic: { secs: 0.5 } },
      { monotonic: { nanosecs: 1e9 } },
    ]) {
      try {
        planNamespaces([{ type: "time" }], { timeOffsets });
        expect.unreachable();
      } catch (error) {
        expect(isGalleyError(error, "invalid")).toBe(true);
      }
    }
  });
});

test("planNamespaces() takes an empty path for none", () => {
  expect(planNamespaces([{ type: "ipc", path: "" }]).created).toEqual(["ipc"]);
});
