import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Rule {
  readonly pattern: string;
  readonly why: string;
}

/** tooling/checks/manners.json: what no file of the repository may say. Patterns are regular expressions. */
export interface Manners {
  /** Paths that are not looked into. */
  readonly skip: readonly string[];
  readonly nowhere: readonly Rule[];
  readonly lockFile: readonly Rule[];
}

/** Reads the rules that lie beside this file. */
export function readManners(): Manners {
  return JSON.parse(readFileSync(join(import.meta.dirname, "manners.json"), "utf8")) as Manners;
}

/** What a file says that it should not, as `path:line: why`. */
export function mannersProblems(manners: Manners, path: string, text: string): string[] {
  if (manners.skip.some((pattern) => new RegExp(pattern).test(path))) return [];
  const rules = path === "pnpm-lock.yaml" ? [...manners.nowhere, ...manners.lockFile] : manners.nowhere;
  return rules.flatMap(({ pattern, why }) =>
    linesMatching(text, new RegExp(pattern)).map((line) => `${path}:${line}: ${why}`),
  );
}

function linesMatching(text: string, pattern: RegExp): number[] {
  return text.split("\n").flatMap((line, index) => (pattern.test(line) ? [index + 1] : []));
}
