import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportProblems, pathProblems } from "./names.ts";
import { readWorkspace, repositoryRoot } from "./workspace.ts";

const files = readWorkspace(repositoryRoot).flatMap(({ sources }) => sources);

describe("names of this repository", () => {
  test("pathProblems() finds none here", () => expect(files.flatMap(pathProblems)).toEqual([]));

  test("exportProblems() finds none here", () => {
    const problems = files.flatMap((path) => exportProblems(path, readFileSync(join(repositoryRoot, path), "utf8")));
    expect(problems).toEqual([]);
  });
});

describe("pathProblems()", () => {
  test.each(["packages/x/src/utils.ts", "packages/x/src/helpers/a.ts", "packages/x/src/common.test.ts"])(
    "pathProblems() refuses %s",
    (path) => expect(pathProblems(path)).toHaveLength(1),
  );
  test("pathProblems() wants kebab-case", () => {
    expect(pathProblems("packages/x/src/parseThing.ts")).toEqual(["packages/x/src/parseThing.ts: not kebab-case"]);
  });
  test("pathProblems() lets a host test be", () => expect(pathProblems("packages/x/src/a-b.host.test.ts")).toEqual([]));
});

describe("exportProblems()", () => {
  test.each(['export * from "./a.ts";', 'export * as a from "./a.ts";'])("exportProblems() refuses %s", (source) => {
    expect(exportProblems("packages/x/src/b.ts", source)).toHaveLength(1);
  });
  test.each(["export const a = 1;", "const a = 1; export { a };", 'import "./a.ts";'])(
    "exportProblems() refuses %s in an index",
    (source) => expect(exportProblems("packages/x/src/index.ts", source)).toHaveLength(1),
  );
  test("exportProblems() lets an index re-export by name", () => {
    const source = 'export { a } from "./a.ts";\nexport type { B } from "./b.ts";\n';
    expect(exportProblems("packages/x/src/index.ts", source)).toEqual([]);
  });
});
