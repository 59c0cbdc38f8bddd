import fc from "fast-check";
import { expect, test } from "vitest";
import { detectCgroups, lines } from "./layout.ts";
import { bare, hybrid, hybridTexts, joined, unified, unifiedTexts } from "./testing/hosts.ts";

test("detectCgroups() sees a hybrid host, with the group that the process is in", () => {
  expect(hybrid.mode).toBe("hybrid");
  expect(hybrid.unified).toEqual({ mountPoint: "/sys/fs/cgroup/unified", controllers: ["hugetlb"], ownPath: "/" });
  expect(hybrid.legacy.map(({ controllers }) => controllers)).toEqual([
    ["cpu"],
    ["cpuacct"],
    ["cpuset"],
    ["memory"],
    ["devices"],
    ["freezer"],
    ["blkio"],
    ["pids"],
    ["name=systemd"],
  ]);
  expect(hybrid.legacy.find(({ controllers }) => controllers.includes("memory"))).toEqual({
    controllers: ["memory"],
    mountPoint: "/sys/fs/cgroup/memory",
    ownPath: "/session/4f",
  });
});

test("detectCgroups() sees joined controllers and blanks in mount points", () => {
  expect(joined.mode).toBe("v1");
  expect(joined.legacy[0]).toEqual({
    controllers: ["cpu", "cpuacct"],
    mountPoint: "/sys/fs/cgroup/cpu,cpuacct",
    ownPath: "/user.slice",
  });
  expect(joined.legacy.at(-1)?.mountPoint).toBe("/mnt/a b/memory");
});

test("detectCgroups() sees version 2 alone, and a host without any", () => {
  expect(unified).toMatchObject({
    mode: "v2",
    legacy: [],
    unified: { mountPoint: "/sys/fs/cgroup", ownPath: "/user.slice/user-0.slice/session-1.scope" },
  });
  expect(unified.unified?.controllers).toContain("memory");
  expect(bare).toEqual({ mode: "none", legacy: [] });
});

test("detectCgroups() tells where the controllers are written before they were read", () => {
  expect(detectCgroups({ ...unifiedTexts, controllers: undefined }).unified).toMatchObject({
    mountPoint: "/sys/fs/cgroup",
    controllers: [],
  });
});

test("detectCgroups() takes the first mount of a hierarchy that is mounted twice", () => {
  const again = "90 1 0:36 / /elsewhere/pids rw - cgroup cgroup rw,pids\n";
  expect(
    detectCgroups({ ...hybridTexts, mountinfo: hybridTexts.mountinfo + again }).legacy.filter(({ controllers }) =>
      controllers.includes("pids"),
    ),
  ).toHaveLength(1);
});

test("detectCgroups() survives any text, and whole lines in any order give the same controllers", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (mountinfo, selfCgroup) => {
      detectCgroups({ mountinfo, selfCgroup, controllers: selfCgroup });
    }),
  );
  fc.assert(
    fc.property(fc.shuffledSubarray(hybridTexts.mountinfo.split("\n")), fc.nat(200), (some, cut) => {
      const layout = detectCgroups({
        ...hybridTexts,
        mountinfo: `${some.join("\n")}\n${hybridTexts.mountinfo.slice(0, cut)}`,
      });
      for (const { controllers } of layout.legacy)
        expect(hybrid.legacy.map((each) => each.controllers)).toContainEqual(controllers);
    }),
  );
});

test("lines() refuses a text without end", () => {
  expect(() => lines("\n".repeat(70_000))).toThrow(expect.objectContaining({ code: "cgroups.lines" }));
});
