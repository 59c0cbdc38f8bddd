import { slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { type RootMountOptions, rootMount } from "./root-mount.ts";
import { rootMountSteps } from "./root-mount-steps.ts";

const fixed = ["index=off", "redirect_dir=nofollow", "metacopy=off"];
const base: RootMountOptions = {
  lower: ["/l/a", "/l/b"],
  empty: ["/l/empty0", "/l/empty1"],
  kernel: { major: 6, minor: 8 },
};
const writable = { upper: "/c/upper", work: "/c/work" };

describe("rootMount()", () => {
  test("names the top-most layer first, one option each", () => {
    expect(rootMount({ ...base, writable })).toEqual({
      type: "overlay",
      options: ["lowerdir+=/l/b", "lowerdir+=/l/a", "upperdir=/c/upper", "workdir=/c/work", ...fixed],
    });
  });

  test("is read-only without a writable layer, and then has two lower layers at least", () => {
    expect(rootMount(base).options).toEqual(["lowerdir+=/l/b", "lowerdir+=/l/a", ...fixed]);
    expect(rootMount({ ...base, lower: ["/l/a"] }).options.slice(0, 2)).toEqual([
      "lowerdir+=/l/a",
      "lowerdir+=/l/empty0",
    ]);
    expect(rootMount({ ...base, lower: [] }).options.slice(0, 2)).toEqual([
      "lowerdir+=/l/empty0",
      "lowerdir+=/l/empty1",
    ]);
    expect(rootMount({ ...base, lower: [], writable }).options[0]).toBe("lowerdir+=/l/empty0");
    expect(rootMount({ ...base, lower: ["/l/a"], writable }).options[1]).toBe("upperdir=/c/upper");
  });

  test("says volatile and userxattr when asked", () => {
    expect(rootMount({ ...base, writable, volatile: true, userMarks: true }).options.slice(4)).toEqual([
      "volatile",
      ...fixed,
      "userxattr",
    ]);
    expect(rootMount({ ...base, volatile: true }).options).not.toContain("volatile");
  });

  test("gives kernels before 6.8 one option with short links", () => {
    const lower = Array.from({ length: 60 }, (_, index) => `/a/rather/long/path/of/a/layer/${index}/tree`);
    const mount = rootMount({ ...base, lower, writable, kernel: { major: 6, minor: 7 } });
    expect(mount.options[0]).toMatch(/^lowerdir=0:1:2:.*:a:b:.*:1n$/);
    expect(mount.links?.[0]).toEqual({ name: "0", hostPath: lower.at(-1) });
    const names = mount.links?.map(({ name }) => name);
    expect(new Set(names).size).toBe(60);
    const steps = rootMountSteps(mount, { out: slot("root"), linkDirectory: "/c/l" });
    expect(steps.map(({ op }) => op)).toEqual([
      "mkdir",
      ...Array.from({ length: 60 }, () => "symlink"),
      "chdir",
      "newFileSystem",
    ]);
    expect(() =>
      rootMount({ ...base, lower: Array.from({ length: 120 }, () => "/x"), kernel: { major: 5, minor: 15 } }),
    ).toThrow(expect.objectContaining({ code: "storage.path-too-long" }));
  });

  test("is one step on newer kernels", () => {
    expect(rootMountSteps(rootMount(base), { out: slot("root"), linkDirectory: "/c/l" })).toMatchObject([
      { op: "newFileSystem" },
    ]);
  });

  test("refuses more layers than overlay mounts, and paths that options cannot hold", () => {
    const layers = (count: number) => ({ ...base, lower: Array.from({ length: count }, () => "/l/x") });
    expect(rootMount(layers(500)).options).toHaveLength(503);
    expect(() => rootMount(layers(501))).toThrow(
      expect.objectContaining({ kind: "invalid", code: "storage.too-many-layers" }),
    );
    for (const path of ["/a:b", "/a,b", "/a\\b"]) {
      expect(() => rootMount({ ...base, lower: [path] })).toThrow(
        expect.objectContaining({ code: "storage.path-characters" }),
      );
      expect(() => rootMount({ ...base, writable: { ...writable, upper: path } })).toThrow(
        expect.objectContaining({ code: "storage.path-characters" }),
      );
    }
    expect(rootMount({ ...base, lower: [`/${"x".repeat(254)}`] }).options[0]).toHaveLength(265);
    expect(() => rootMount({ ...base, lower: [`/${"x".repeat(255)}`] })).toThrow(
      expect.objectContaining({ code: "storage.path-too-long" }),
    );
  });
});
