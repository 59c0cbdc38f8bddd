import { check, lane, slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { labelSteps } from "./label-steps.ts";
import { refuseSystemDirectory, relabelSteps } from "./relabel-steps.ts";

const label = "system_u:object_r:container_file_t:s0:c1,c2";

describe("labelSteps()", () => {
  test("of no labels are none", () => {
    expect(labelSteps({})).toEqual([]);
    expect(labelSteps({ mount: label, file: label })).toEqual([]);
  });

  test("label key rings, then the next exec", () => {
    const steps = labelSteps({ process: "u:r:t", key: "u:r:t" });
    expect(steps).toMatchObject([
      { op: "label", by: "selinux", args: { attribute: ["key"], label: "u:r:t" } },
      { op: "label", by: "selinux", args: { attribute: ["exec"], label: "u:r:t" } },
    ]);
    expect(check({ title: "label", lane: lane("init", steps) })).toEqual([]);
  });
});

describe("refuseSystemDirectory()", () => {
  test.each([
    "/",
    "//",
    "/.",
    "/usr",
    "/usr/",
    "/usr//",
    "//usr",
    "/usr/.",
    "/usr/../usr",
    "/srv/..",
    "/etc",
    "/home",
    "/var/lib",
    "/tmp",
    "/var/./lib/",
    "/proc",
    "/run",
  ])("refuses %s", (path) => {
    expect(() => refuseSystemDirectory(path)).toThrow(
      /^relabelling \/.* is not allowed$|^relabelling \/ is not allowed$/,
    );
  });

  test.each(["/home/alice", "/srv/data", "/usr2", "/etc/app", "/var/lib/app", "/tmp/x"])("lets %s pass", (path) => {
    expect(() => refuseSystemDirectory(path)).not.toThrow();
  });

  test("refuses what the caller adds, and only that", () => {
    expect(() => refuseSystemDirectory("/home/alice/", ["/home/alice"])).toThrow(
      "relabelling /home/alice is not allowed",
    );
    expect(() => refuseSystemDirectory("/home/alice/data", ["/home/alice/"])).not.toThrow();
  });

  test.each(["", "data", "./data", "/a\0b"])("refuses %j, which is no absolute path", (path) => {
    expect(() => refuseSystemDirectory(path)).toThrow("is not an absolute path");
  });
});

describe("relabelSteps()", () => {
  const at = slot("volume");

  test("label the tree and its top last", () => {
    const steps = relabelSteps({ at, hostPath: "/srv/data", paths: ["a", "a/b"] }, label);
    expect(steps.map(({ op, args, ok }) => [op, (args as { path: string }).path, ok])).toEqual([
      ["xattr", "a", ["ENOENT", "ENOTSUP"]],
      ["xattr", "a/b", ["ENOENT", "ENOTSUP"]],
      ["xattr", "", ["ENOENT", "ENOTSUP"]],
    ]);
    expect(steps[0]).toMatchObject({
      by: "selinux",
      why: `label /srv/data/a ${label}`,
      args: { at, name: "security.selinux", value: new TextEncoder().encode(`${label}\0`) },
    });
  });

  test("are none without a label, also for a directory of the system", () => {
    expect(relabelSteps({ at, hostPath: "/usr", paths: [] }, undefined)).toEqual([]);
  });

  test("refuse a directory of the system", () => {
    expect(() => relabelSteps({ at, hostPath: "/usr", paths: [] }, label)).toThrow("relabelling /usr is not allowed");
    expect(() => relabelSteps({ at, hostPath: "/data", paths: [], refused: ["/data"] }, label)).toThrow(
      "relabelling /data is not allowed",
    );
  });

  test("refuse a label that is none", () => {
    expect(() => relabelSteps({ at, hostPath: "/data", paths: [] }, "nonsense")).toThrow("is not a security context");
  });
});
