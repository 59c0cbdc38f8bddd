import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { importsOf, packageOf } from "./imports.ts";
import { arrowProblem, levelOf } from "./levels.ts";
import { isBeside, type WorkspacePackage } from "./workspace.ts";

const scope = "@galley/";
const shortName = (name: string): string => name.slice(scope.length);
const isLevelled = (folder: string): boolean => !folder.startsWith("tooling/");

/** Everything wrong with what packages declare and import; one line each, empty when all is well. */
export function arrowProblems(root: string, packages: readonly WorkspacePackage[]): string[] {
  return packages.flatMap((one) => [
    ...(isLevelled(one.folder) ? declaredProblems(one) : []),
    ...one.sources.flatMap((path) => fileProblems(one, path, readFileSync(join(root, path), "utf8"))),
  ]);
}

/** A published package's dependencies are arrows whether or not a file uses them. */
function declaredProblems({ folder, manifest }: WorkspacePackage): string[] {
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  return Object.keys(declared)
    .filter((name) => name.startsWith(scope))
    .map((name) => arrowProblem(shortName(manifest.name), shortName(name)))
    .filter((problem) => problem !== undefined)
    .map((problem) => `${folder}/package.json: ${problem}`);
}

function fileProblems(owner: WorkspacePackage, path: string, source: string): string[] {
  return importsOf(path, source)
    .map(({ specifier }) => importProblem(owner, path, specifier))
    .filter((problem) => problem !== undefined)
    .map((problem) => `${path}: ${problem}`);
}

/** Why this file of this package may not import this; undefined when it may. */
export function importProblem(owner: WorkspacePackage, path: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return relativeProblem(owner.folder, path, specifier);
  const name = packageOf(specifier);
  if (name === undefined) return undefined;
  if (name === owner.manifest.name) return isBeside(path) ? undefined : `imports its own package by name: ${specifier}`;
  return undeclaredProblem(owner, path, name) ?? levelProblem(owner, path, name);
}

function relativeProblem(folder: string, path: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  return target.startsWith(`${folder}/`) ? undefined : `relative import out of the package: ${specifier}`;
}

/** What every test may use: the root's package.json brings them for all. */
const testTools: readonly string[] = ["vitest", "fast-check"];

/** Tests, examples and tooling may use devDependencies; what is published may not. */
function undeclaredProblem({ folder, manifest }: WorkspacePackage, path: string, name: string): string | undefined {
  const published = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  if (name in published || (isBeside(path) && testTools.includes(name))) return undefined;
  const inDevelopment = name in (manifest.devDependencies ?? {});
  if (inDevelopment && (isBeside(path) || manifest.private === true || isBundled(folder))) return undefined;
  return inDevelopment ? `${name} is only a devDependency` : `${name} is not in package.json`;
}

/** Apps are bundled: what they import is inside, so nothing is left to install. */
const isBundled = (folder: string): boolean => folder.startsWith("apps/");

/** Tests and examples may reach sideways, never up; tooling is outside the levels. */
function levelProblem({ folder, manifest }: WorkspacePackage, path: string, name: string): string | undefined {
  if (!name.startsWith(scope) || !isLevelled(folder)) return undefined;
  const [from, to] = [shortName(manifest.name), shortName(name)];
  if (!isBeside(path)) return arrowProblem(from, to);
  const [fromLevel, toLevel] = [levelOf(from), levelOf(to)];
  if (fromLevel === undefined || toLevel === undefined) return undefined;
  return toLevel > fromLevel ? `a test reaches up from ${from} to ${to}` : undefined;
}
