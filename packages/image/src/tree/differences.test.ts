import { describe, expect, test } from "vitest";
import { type EntryModel, modelWalk } from "../testing/model-entries.ts";
import { comparePaths } from "./entry-cursor.ts";
import { layerDifferences } from "./layer-differences.ts";
import type { TreeDifference } from "./tree-difference.ts";
import { treeDifferences } from "./tree-differences.ts";

const dir = (path: string, more: Partial<EntryModel> = {}): EntryModel => ({
  path,
  type: "directory",
  mode: 0o755,
  ...more,
});
const gone = (path: string): EntryModel => ({ path, type: "character", mode: 0 });
const shown = (differences: readonly TreeDifference[]) =>
  differences.map(({ kind, path }) => `${kind[0]?.toUpperCase()} ${path}`);

test("comparePaths() orders depth first, names by their bytes", () => {
  const sorted = ["Z", "a", "a/Y", "a/z", "a.d", "a0", "b", "~", "\udcff".repeat(2), "é"];
  expect(sorted.toSorted(comparePaths)).toEqual([
    "Z",
    "a",
    "a/Y",
    "a/z",
    "a.d",
    "a0",
    "b",
    "~",
    "é",
    "\udcff".repeat(2),
  ]);
});

describe("layerDifferences()", () => {
  const lower = [
    dir("bin"),
    { path: "bin/sh" },
    dir("etc"),
    { path: "etc/conf" },
    dir("gone"),
    { path: "gone/h" },
    dir("old"),
    { path: "old/f" },
    dir("old/sub"),
    { path: "old/sub/g" },
    dir("old/sub/h"),
    { path: "old/sub/h/i" },
    dir("opt"),
    { path: "swap" },
  ];

  test("tells what an upper directory adds, changes and hides", async () => {
    const upper = [
      dir("bin", { mode: 0o700 }),
      dir("d"),
      dir("d/e"),
      { path: "d/e/f" },
      dir("etc"),
      { path: "etc/conf" },
      gone("gone"),
      { path: "new" },
      dir("old"),
      gone("old/f"),
      dir("old/sub", { mtimeSeconds: 5, xattrs: { "trusted.overlay.opaque": "y" } }),
      dir("old/sub/h"),
      { path: "old/sub/n" },
      { path: "opt", type: "symlink", linkTarget: "d" } as const,
      dir("swap"),
      { path: "swap/in" },
    ];
    expect(shown(await layerDifferences(modelWalk(lower), modelWalk(upper)))).toEqual([
      "C bin",
      "A d",
      "A d/e",
      "A d/e/f",
      "C etc/conf",
      "D gone",
      "A new",
      "C old",
      "D old/f",
      "C old/sub",
      "D old/sub/g",
      "C old/sub/h",
      "D old/sub/h/i",
      "A old/sub/n",
      "C opt",
      "C swap",
      "A swap/in",
    ]);
  });

  test("says nothing of an empty directory, of one that is only there, and of whiteouts of nothing", async () => {
    const told = async (...upper: EntryModel[]) => shown(await layerDifferences(modelWalk(lower), modelWalk(upper)));
    expect(await told()).toEqual([]);
    expect(await told(dir("etc"), dir("old"), dir("old/sub"), gone("old/sub/never"))).toEqual([]);
    expect(await told(dir("etc", { mtimeNanoseconds: 5 })), "the layer has whole seconds").toEqual([]);
    expect(await told(dir("etc", { mtimeSeconds: 5 }))).toEqual(["C etc"]);
  });

  test("tells the last directory's hidden names after the upper one has ended", async () => {
    const opaque = dir("old", { xattrs: { "trusted.overlay.opaque": "y" } });
    expect(shown(await layerDifferences(modelWalk(lower), modelWalk([opaque])))).toEqual([
      "C old",
      "D old/f",
      "D old/sub",
    ]);
  });

  test("tells everything as added where nothing is below", async () => {
    expect(shown(await layerDifferences(modelWalk([]), modelWalk([dir("a"), { path: "a/b" }])))).toEqual([
      "A a",
      "A a/b",
    ]);
  });
});

describe("treeDifferences()", () => {
  test("tells names that came, went and changed, with the directories above them", async () => {
    const before = [
      dir("a"),
      { path: "a/same" },
      { path: "a/was" },
      dir("b"),
      dir("b/in"),
      { path: "b/in/x" },
      dir("c"),
      { path: "c/t" },
    ];
    const after = [
      dir("a", { mtimeSeconds: 1 }),
      { path: "a/same" },
      { path: "c", type: "file" },
      dir("d"),
      { path: "d/y" },
    ] as const;
    expect(shown(await treeDifferences(modelWalk(before), modelWalk(after)))).toEqual([
      "C a",
      "D a/was",
      "D b",
      "C c",
      "A d",
      "A d/y",
    ]);
  });

  test.each([
    ["mode", { mode: 0o600 }],
    ["owner", { uid: 1 }],
    ["size", { content: "xy" }],
    ["time", { mtimeSeconds: 1 }],
    ["type", { type: "fifo" }],
    ["device", { device: { major: 1, minor: 3 } }],
    ["target", { linkTarget: "x" }],
  ] as const)("sees another %s", async (_, change) => {
    const [before, after] = [{ path: "d/f" }, { path: "d/f", ...change }];
    expect(shown(await treeDifferences(modelWalk([before]), modelWalk([after])))).toEqual(["C d", "C d/f"]);
    expect(await treeDifferences(modelWalk([before]), modelWalk([before]))).toEqual([]);
  });

  test("ends both walks when one fails", async () => {
    let closed = false;
    async function* open() {
      try {
        yield* modelWalk([{ path: "a" }, { path: "b" }]);
      } finally {
        closed = true;
      }
    }
    async function* broken() {
      yield* modelWalk([{ path: "a" }]);
      throw new Error("broken");
    }
    await expect(treeDifferences(open(), broken())).rejects.toThrow("broken");
    expect(closed).toBe(true);
  });
});
