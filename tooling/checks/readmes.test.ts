import { spawnSync } from "node:child_process";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { examplesOf, packageReadmeProblems, readmeProblems } from "./readmes.ts";
import { readWorkspace, repositoryRoot } from "./workspace.ts";

const example = 'console.log("hello");\n';
const good = `# x\n\nDoes one thing.\n\n\`\`\`ts\n${example}\`\`\`\n\n## What it will not do\n\nMore.\n`;

describe("readmeProblems()", () => {
  test("readmeProblems() is content with a sentence, an example and what it will not do", () => {
    expect(readmeProblems(good, [example])).toEqual([]);
  });

  test("readmeProblems() wants the example to be a file, word for word", () => {
    expect(readmeProblems(good, ['console.log("other");\n'])).toEqual([
      "its first ```ts block is no file in examples/",
    ]);
  });

  test("readmeProblems() names everything an empty README lacks", () => {
    expect(readmeProblems("# x\n", [])).toHaveLength(3);
  });
});

describe.each(readWorkspace(repositoryRoot, ["packages"]))("readme of $folder", ({ folder }) => {
  test(`README of ${folder} is complete`, () => {
    expect(packageReadmeProblems(repositoryRoot, folder)).toEqual([]);
  });

  test.for(examplesOf(repositoryRoot, folder))(`example of ${folder} runs and prints: %s`, (path) => {
    const run = spawnSync(process.execPath, ["--conditions=@galley/source", path], {
      encoding: "utf8",
      timeout: 15_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(run.status, `${basename(path)}: ${run.stderr}`).toBe(0);
    expect(run.stdout.trim()).not.toBe("");
  });
});
