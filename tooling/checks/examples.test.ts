import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf, packageOf } from "./imports.ts";
import { examplesOf } from "./readmes.ts";
import { runPlainly } from "./run-plainly.ts";
import { repositoryRoot } from "./workspace.ts";

const scripts = examplesOf(repositoryRoot, ".");
const readme = readFileSync(join(repositoryRoot, "README.md"), "utf8");
const imageHalf = ["@galley/image", "@galley/registry", "@galley/registry-server"];

describe("examples at the root", () => {
  test("there are those that the README promises", () => {
    expect(scripts.map((path) => basename(path))).toEqual([
      "copy-between-registries.ts",
      "list-a-layer.ts",
      "mutate-and-push.ts",
      "pull-to-a-directory.ts",
    ]);
    for (const path of scripts) expect(readme).toContain(`(examples/${basename(path)})`);
  });

  test.for(scripts)("%s runs as a plain user without native code, and prints", async (path) => {
    const { printed, uid } = await runPlainly(path, ["--conditions=@galley/source"]);
    expect(printed.trim()).not.toBe("");
    if (process.getuid?.() === 0 && !repositoryRoot.startsWith("/root")) expect(uid).not.toBe(0);
  });

  test.for(scripts)("%s imports packages that know nothing of Linux", (path) => {
    const names = importsOf(path, readFileSync(path, "utf8")).map(({ specifier }) => packageOf(specifier));
    expect(names.filter((name) => name !== undefined && !imageHalf.includes(name))).toEqual([]);
  });
});

describe("runPlainly()", () => {
  test.for([
    [
      "a child process",
      'import { execFileSync } from "node:child_process"; execFileSync("true");',
      "called execFileSync",
    ],
    ["a failure", 'throw new Error("of its own");', "of its own"],
  ])("runPlainly() tells of %s", async ([, source, said]) => {
    const folder = await mkdtemp(join(tmpdir(), "galley-plainly-"));
    try {
      const path = join(folder, "script.mjs");
      await writeFile(path, source ?? "");
      await expect(runPlainly(path)).rejects.toThrow(said);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
