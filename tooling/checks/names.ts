import { basename } from "node:path";
import { parseSync } from "oxc-parser";

const vague = /^(utils?|commons?|helpers?|misc|shared|stuff|lib)$/;

/** What a path says about its file: nothing vague, kebab-case. */
export function pathProblems(path: string): string[] {
  const parts = path.split("/").map((part) => part.replace(/(\.(test|host|guest|config|d))*\.[a-z]+$/, ""));
  const problems = parts.filter((part) => vague.test(part)).map((part) => `${path}: "${part}" says nothing`);
  const name = parts.at(-1) ?? "";
  if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(name)) problems.push(`${path}: not kebab-case`);
  return problems;
}

/** What a source's exports say: each name on its own, and an index that only re-exports. */
export function exportProblems(path: string, source: string): string[] {
  const { program } = parseSync(path, source);
  const problems: string[] = [];
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") problems.push(`${path}: export * hides what is exported`);
    else if (isPackageIndex(path) && !isReExport(statement)) problems.push(`${path}: an index only re-exports`);
  }
  return [...new Set(problems)];
}

const isPackageIndex = (path: string): boolean => basename(path) === "index.ts";

/** `export { a } from "./a.ts"`, or the empty `export {}` of a package that has nothing yet. */
function isReExport(statement: {
  type: string;
  source?: unknown;
  specifiers?: unknown[];
  declaration?: unknown;
}): boolean {
  if (statement.type !== "ExportNamedDeclaration" || statement.declaration != null) return false;
  return statement.source != null || statement.specifiers?.length === 0;
}
