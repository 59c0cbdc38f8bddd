import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf } from "./imports.ts";
import { isBeside, readWorkspace, repositoryRoot } from "./workspace.ts";

/** Packages that decide about trees they do not trust: paths in those are steps beneath a slot, never strings in Node. */
const untrusting = ["packages/image", "packages/mounts", "packages/runtime"];

/** Entries of their own for the files of those who call: archives and layouts, not what is unpacked from them. */
const withFiles = ["packages/image/src/node/"];

const opensPaths = (specifier: string): boolean => /^(node:)?fs(\/promises)?$/.test(specifier);

describe("untrusted trees", () => {
  const files = readWorkspace(repositoryRoot, ["packages"])
    .filter(({ folder }) => untrusting.includes(folder))
    .flatMap(({ sources }) => sources)
    .filter((path) => !isBeside(path) && !withFiles.some((folder) => path.startsWith(folder)));

  test("untrusted trees are handled without node:fs", () => {
    const offenders = files.filter((path) =>
      importsOf(path, readFileSync(join(repositoryRoot, path), "utf8")).some(({ specifier }) => opensPaths(specifier)),
    );
    expect(offenders).toEqual([]);
  });

  test("untrusted trees are handled without what is beside them for files", () => {
    const offenders = files.filter((path) =>
      importsOf(path, readFileSync(join(repositoryRoot, path), "utf8")).some(({ specifier }) =>
        withFiles.some((folder) => join(path, "..", specifier).startsWith(folder)),
      ),
    );
    expect(offenders).toEqual([]);
  });

  test.each(["node:fs", "fs", "node:fs/promises", "fs/promises"])("opensPaths() knows %s", (specifier) => {
    expect(opensPaths(specifier)).toBe(true);
  });

  test.each(["node:fsx", "tar-fs", "node:path"])("opensPaths() does not mean %s", (specifier) => {
    expect(opensPaths(specifier)).toBe(false);
  });
});
