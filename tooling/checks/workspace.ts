import { existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The repository's root folder. */
export const repositoryRoot = join(import.meta.dirname, "../..");

/** The fields of a package.json these checks read. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A package of the workspace; `folder` is relative to the root, as in `packages/spec`. */
export interface WorkspacePackage {
  readonly folder: string;
  readonly manifest: Manifest;
  /** Its own TypeScript and JavaScript files, relative to the root: sources, tests and examples. */
  readonly sources: readonly string[];
}

/** Reads every package beneath the given parents. */
export function readWorkspace(root: string, parents = ["packages", "apps", "tooling"]): WorkspacePackage[] {
  return parents.flatMap((parent) => childFolders(root, parent)).map((folder) => readPackage(root, folder));
}

function childFolders(root: string, parent: string): string[] {
  if (!existsSync(join(root, parent))) return [];
  const names = readdirSync(join(root, parent)).sort();
  return names.map((name) => `${parent}/${name}`).filter((folder) => existsSync(join(root, folder, "package.json")));
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  const found = globSync("**/*.{ts,mts,js,mjs}", {
    cwd: join(root, folder),
    exclude: (name) => ["node_modules", "dist", "build", ".turbo"].includes(name),
  });
  return { folder, manifest, sources: found.sort().map((path) => `${folder}/${path}`) };
}

/** Whether a file runs only here: a test, an example, something for tests, a tool's configuration. */
export function isBeside(path: string): boolean {
  return /\.test\.ts$|\.config\.ts$|\/(examples|scripts|testing|bench)\//.test(path);
}
