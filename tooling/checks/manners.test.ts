import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mannersProblems, readManners } from "./manners.ts";
import { repositoryRoot } from "./workspace.ts";

const manners = readManners();
const host = ["registry", "somewhere", "org"].join(".");

/** Every file that is or would be committed; undefined outside a git checkout. */
function committedFiles(): string[] | undefined {
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: repositoryRoot,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (listed.status !== 0) return undefined;
  return listed.stdout.split("\0").filter((path) => path !== "" && existsSync(join(repositoryRoot, path)));
}

describe("mannersProblems()", () => {
  const files = committedFiles();

  test.skipIf(files === undefined)("mannersProblems() finds none here (needs a git checkout)", () => {
    const problems = (files ?? []).flatMap((path) =>
      mannersProblems(manners, path, readFileSync(join(repositoryRoot, path), "utf8")),
    );
    expect(problems).toEqual([]);
  });

  test("mannersProblems() sees a registry's host and tells the line", () => {
    expect(mannersProblems(manners, "a.md", `\nfrom ${host}\n`)).toEqual(["a.md:2: a package registry's host"]);
  });

  test("mannersProblems() sees a machine's path", () => {
    expect(mannersProblems(manners, "a.ts", ["", "work", "main", "x"].join("/"))).toHaveLength(1);
  });

  test("mannersProblems() lets image registries of examples be", () => {
    expect(mannersProblems(manners, "a.ts", "registry.example.com/x docker.io/library/alpine")).toEqual([]);
  });

  test("mannersProblems() lets the lock file hold no download address", () => {
    expect(mannersProblems(manners, "pnpm-lock.yaml", "    tarball: https://somewhere/x.tgz")).toHaveLength(1);
  });
});
