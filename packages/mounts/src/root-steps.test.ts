import { slot } from "@galley/plan";
import { describe, expect, test } from "vitest";
import { hostPropagation, rootSteps } from "./root-steps.ts";

const root = slot("root");
const bind = (option: string) => [{ destination: "/x", source: "/y", options: ["rbind", option] }];

describe("hostPropagation()", () => {
  test.each([
    [undefined, "rprivate", "rprivate"],
    [undefined, "rslave", "rslave"],
    [undefined, "shared", "rslave"],
    ["", "rro", "rprivate"],
    ["rslave", "rprivate", "rslave"],
    ["private", "rprivate", "rprivate"],
    ["rshared", "rshared", "rshared"],
    ["unbindable", "ro", "rprivate"],
  ])("for a root that is %s and a mount that wants %s is %s", (rootfs, option, expected) => {
    expect(hostPropagation(bind(option), rootfs)).toBe(expected);
  });

  test("refuses a mount that wants what a private root rules out", () => {
    expect(() => hostPropagation(bind("rslave"), "rprivate")).toThrow(
      expect.objectContaining({ code: "mounts.propagation" }),
    );
  });

  test("refuses an unknown propagation", () => {
    expect(() => hostPropagation([], "loose")).toThrow(expect.objectContaining({ kind: "invalid" }));
  });
});

test("rootSteps() cuts the tie to the host first, and turns the root read-only last", () => {
  const { isolate, attach, pivot } = rootSteps(root, { readOnly: true });
  expect(isolate.map(({ args }) => args)).toEqual([{ path: "/", propagation: ["private"], flags: ["recursive"] }]);
  expect(attach.map(({ args }) => args)).toEqual([{ mount: root, path: "/" }]);
  expect(pivot.map(({ op }) => op)).toEqual(["mountAttributes", "pivot"]);
});

test("rootSteps() keeps mounts beneath the root from the host when the tie is loose", () => {
  for (const rootfsPropagation of ["rslave", "rshared"]) {
    const { attach } = rootSteps(root, { rootfsPropagation });
    expect(attach[0]?.args).toEqual({ at: root, path: "", propagation: ["private"], flags: ["recursive"] });
  }
});

test("rootSteps() makes the mount beneath a shared root private, as pivot_root demands", () => {
  const { isolate, pivot } = rootSteps(root, { rootfsPropagation: "rshared" });
  expect(isolate.map(({ args }) => args)).toEqual([{ path: "/", propagation: ["private"] }]);
  expect(pivot.map(({ args }) => args)).toEqual([
    { root },
    { path: "/", propagation: ["shared"], flags: ["recursive"] },
  ]);
});
