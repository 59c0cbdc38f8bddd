import fc from "fast-check";
import { expect, test } from "vitest";
import { isBeneath, normalizePath, pathAndParents } from "./destination.ts";

test("normalizePath() takes out dots and slashes, lexically", () => {
  expect(normalizePath("/data")).toBe("/data");
  expect(normalizePath("//data//./x/")).toBe("/data/x");
  expect(normalizePath("/data/../../../etc")).toBe("/etc");
  expect(normalizePath("data/x")).toBe("/data/x");
  expect(normalizePath("/..")).toBe("/");
  expect(normalizePath("/a\nb")).toBe("/a\nb");
});

test("normalizePath() refuses empty paths, zero bytes and paths that are too long", () => {
  for (const path of ["", "/a\0b", `/${"x".repeat(4096)}`]) {
    expect(() => normalizePath(path)).toThrow(expect.objectContaining({ code: "mounts.path" }));
  }
});

test("normalizePath() never climbs out, and is the same when done twice", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("..", ".", "", "a", "proc", "b c"), { minLength: 1 }), (parts) => {
      const path = `/${parts.join("/")}`;
      const normal = normalizePath(path);
      expect(normal.split("/")).not.toContain("..");
      expect(normal.startsWith("/")).toBe(true);
      expect(normalizePath(normal)).toBe(normal);
    }),
  );
});

test("isBeneath() compares whole parts", () => {
  expect(isBeneath("/proc/sys", "/proc")).toBe(true);
  expect(isBeneath("/proc", "/proc")).toBe(true);
  expect(isBeneath("/process", "/proc")).toBe(false);
  expect(isBeneath("/x", "/")).toBe(true);
});

test("pathAndParents() lists the topmost first", () => {
  expect(pathAndParents("/a/b/c")).toEqual(["/a", "/a/b", "/a/b/c"]);
});
