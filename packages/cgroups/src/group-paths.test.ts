import { describe, expect, test } from "vitest";
import { ancestors, groupDirectories, normalizeGroup } from "./group-paths.ts";
import { hybrid, joined, unified } from "./testing/hosts.ts";

test("normalizeGroup() counts every path from the root", () => {
  for (const path of ["/galley/4f", "galley/4f", "galley/4f/"]) expect(normalizeGroup(path)).toBe("/galley/4f");
});

describe("normalizeGroup() refuses", () => {
  test.each(["", "/", "//x", "/a//b", "/a/../b", "..", "/a/.", "/a\0", "/a\nb", `/${"x".repeat(2000)}`])(
    "%j",
    (path) => {
      expect(() => normalizeGroup(path)).toThrow(expect.objectContaining({ code: "cgroups.path" }));
    },
  );

  test("systemd's own form as unsupported", () => {
    expect(() => normalizeGroup("system.slice:galley:4f")).toThrow(expect.objectContaining({ kind: "unsupported" }));
  });
});

test("groupDirectories() gives one directory for each hierarchy that is asked for", () => {
  expect(
    groupDirectories(hybrid, "/galley/4f", ["pids", "memory", "perf_event"]).map(({ hostPath }) => hostPath),
  ).toEqual(["/sys/fs/cgroup/memory/galley/4f", "/sys/fs/cgroup/pids/galley/4f"]);
  expect(groupDirectories(joined, "/galley/4f", ["cpuacct", "cpu"]).map(({ hostPath }) => hostPath)).toEqual([
    "/sys/fs/cgroup/cpu,cpuacct/galley/4f",
  ]);
});

test("groupDirectories() goes into a hybrid host's version 2 hierarchy only for what it has", () => {
  expect(groupDirectories(hybrid, "/g", ["pids"]).map(({ version }) => version)).toEqual([1]);
  expect(groupDirectories(hybrid, "/g", ["pids", "hugetlb"])).toMatchObject([
    { version: 1 },
    { version: 2, controllers: ["hugetlb"], hostPath: "/sys/fs/cgroup/unified/g" },
  ]);
  expect(groupDirectories(hybrid, "/g", ["cgroup"])).toMatchObject([{ version: 2 }]);
});

test("groupDirectories() always has a directory on a version 2 host", () => {
  expect(groupDirectories(unified, "/g", [])).toMatchObject([
    { version: 2, controllers: [], hostPath: "/sys/fs/cgroup/g" },
  ]);
});

test("ancestors() starts beneath the hierarchy's root", () => {
  const [directory] = groupDirectories(unified, "/a/b/c", []);
  expect(ancestors(directory!)).toEqual(["/sys/fs/cgroup/a", "/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a/b/c"]);
});
