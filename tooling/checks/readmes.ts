import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a package's README must have, as far as a program can tell. */
export function readmeProblems(readme: string, examples: readonly string[]): string[] {
  const problems: string[] = [];
  if (!hasOpeningSentence(readme)) problems.push("no sentence after the title");
  const block = firstBlock(readme);
  if (block === undefined) problems.push("no ```ts block");
  else if (!examples.some((example) => example.trim() === block.trim())) {
    problems.push("its first ```ts block is no file in examples/");
  }
  if (!/^## What it will not do$/m.test(readme)) problems.push('no "## What it will not do"');
  return problems;
}

/** A title, then a paragraph that ends like a sentence. */
function hasOpeningSentence(readme: string): boolean {
  return /^# .+\n+(?![#`-])[^\n][\s\S]*?[.:](\n|$)/.test(readme);
}

function firstBlock(readme: string): string | undefined {
  return /^```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1];
}

/** The example files of a package, as absolute paths. */
export function examplesOf(root: string, folder: string): string[] {
  const found = globSync("examples/*.ts", { cwd: join(root, folder) });
  return found.sort().map((path) => join(root, folder, path));
}

/** Reads a package's README and examples and tells what is wrong with them. */
export function packageReadmeProblems(root: string, folder: string): string[] {
  const path = join(root, folder, "README.md");
  if (!existsSync(path)) return ["no README.md"];
  const examples = examplesOf(root, folder).map((example) => readFileSync(example, "utf8"));
  return readmeProblems(readFileSync(path, "utf8"), examples);
}
