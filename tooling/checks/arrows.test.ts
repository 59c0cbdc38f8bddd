import { describe, expect, test } from "vitest";
import { arrowProblems, importProblem } from "./arrows.ts";
import { importsOf } from "./imports.ts";
import { arrowProblem } from "./levels.ts";
import { type Manifest, readWorkspace, repositoryRoot, type WorkspacePackage } from "./workspace.ts";

function packageWith(folder: string, manifest: Omit<Manifest, "name">): WorkspacePackage {
  return { folder, sources: [], manifest: { name: `@galley/${folder.split("/")[1]}`, ...manifest } };
}

describe("arrowProblems()", () => {
  test("arrowProblems() finds none in this repository", () => {
    expect(arrowProblems(repositoryRoot, readWorkspace(repositoryRoot))).toEqual([]);
  });

  test("arrowProblems() reads the dependencies of package.json too", () => {
    const upward = packageWith("packages/spec", { dependencies: { "@galley/engine": "workspace:^" } });
    expect(arrowProblems("/nowhere", [upward])).toEqual(["packages/spec/package.json: engine is above spec"]);
  });
});

describe("arrowProblem()", () => {
  test.each([
    ["plan", "spec"],
    ["registry", "spec"],
    ["runtime", "mounts"],
    ["engine", "stage"],
    ["engine", "storage"],
    ["cli", "engine"],
  ])("arrowProblem() lets %s import %s", (from, to) => expect(arrowProblem(from, to)).toBeUndefined());

  test.each([
    ["spec", "plan", "same level"],
    ["mounts", "cgroups", "same level"],
    ["spec", "engine", "above"],
    ["runtime", "stage", "port"],
    ["runtime", "storage", "halves"],
    ["registry", "image", "carries"],
    ["storage", "mounts", "halves"],
    ["keeper", "image", "halves"],
    ["cli", "api", "same level"],
    ["engine", "novelty", "no level"],
    ["novelty", "spec", "no level"],
  ])("arrowProblem() refuses %s importing %s", (from, to, word) => expect(arrowProblem(from, to)).toContain(word));
});

describe("importProblem()", () => {
  const mounts = packageWith("packages/mounts", {
    dependencies: { "@galley/plan": "workspace:^" },
    devDependencies: { "@galley/stage": "workspace:^", "@galley/seccomp": "workspace:^", semver: "^7.0.0" },
  });

  test.each([
    ["src/a.ts", "./b.ts"],
    ["src/a.ts", "node:path"],
    ["src/a.ts", "@galley/plan"],
    ["src/a.test.ts", "@galley/seccomp"],
    ["src/a.test.ts", "semver"],
    ["src/a.test.ts", "vitest"],
    ["examples/a.ts", "@galley/mounts"],
  ])("importProblem() lets %s import %s", (path, specifier) => {
    expect(importProblem(mounts, `packages/mounts/${path}`, specifier)).toBeUndefined();
  });

  test.each([
    ["src/a.ts", "../../plan/src/step.ts", "out of the package"],
    ["src/a.test.ts", "../../plan/src/step.ts", "out of the package"],
    ["src/a.ts", "zod", "not in package.json"],
    ["src/a.ts", "semver", "only a devDependency"],
    ["src/a.ts", "vitest", "not in package.json"],
    ["src/a.ts", "@galley/mounts", "its own package"],
    ["src/a.test.ts", "@galley/stage", "reaches up"],
  ])("importProblem() refuses %s importing %s", (path, specifier, word) => {
    expect(importProblem(mounts, `packages/mounts/${path}`, specifier)).toContain(word);
  });
});

describe("importsOf()", () => {
  test("importsOf() sees every form and no comment or string", () => {
    const source = `
      // import "comment";
      import type { A } from "one";
      import { type B, c } from "two";
      export { d } from "three";
      export * from "four";
      const e = await import("five");
      const f = 'import "string"';`;
    expect(importsOf("a.ts", source)).toEqual([
      { specifier: "one", typeOnly: true },
      { specifier: "two", typeOnly: false },
      { specifier: "three", typeOnly: false },
      { specifier: "four", typeOnly: false },
      { specifier: "five", typeOnly: false },
    ]);
  });
});
