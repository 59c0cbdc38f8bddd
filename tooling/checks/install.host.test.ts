import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { access, chmod, constants, copyFile, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importsOf, packageOf } from "./imports.ts";
import { pack } from "./pack.ts";
import { examplesOf } from "./readmes.ts";
import { runPlainly } from "./run-plainly.ts";
import { readWorkspace, repositoryRoot, type WorkspacePackage } from "./workspace.ts";

const run = promisify(execFile);
const tried = ["packages/registry", "packages/image", "packages/seccomp"];
const withPrograms = ["stage", "keeper"];
const packages = readWorkspace(repositoryRoot, ["packages"]);
const byName = new Map(packages.map((one) => [one.manifest.name, one]));
const scripts = examplesOf(repositoryRoot, ".");
const examples = [...tried.flatMap((folder) => examplesOf(repositoryRoot, folder)), ...scripts];

/** The oldest TypeScript that consumers may have, the one before ours, and ours. */
const compilers = ["typescript-5.9", "typescript-6.0", "typescript"] as const;
const resolutions = [
  { module: "node16", moduleResolution: "node16" },
  { module: "preserve", moduleResolution: "bundler" },
];

const unbuilt = packages.some(({ folder }) => !existsSync(join(repositoryRoot, folder, "dist")));
const reason = unbuilt ? " (needs a build: npm run build)" : "";

/** The packages of the workspace that a stranger gets with these names, the named ones included. */
function closure(names: Iterable<string>, found = new Set<WorkspacePackage>()): Set<WorkspacePackage> {
  for (const name of names) {
    const one = byName.get(name);
    if (one === undefined || found.has(one)) continue;
    found.add(one);
    closure(Object.keys(one.manifest.dependencies ?? {}), found);
  }
  return found;
}

/** The packages the examples import, ours and others. */
async function importedByExamples(): Promise<Set<string>> {
  const texts = await Promise.all(examples.map(async (path) => importsOf(path, await readFile(path, "utf8"))));
  return new Set(
    texts
      .flat()
      .map(({ specifier }) => packageOf(specifier))
      .filter((name) => name !== undefined),
  );
}

/** The prebuilt packages of the programs built here, as folders that npm can install. */
async function assemblePrebuilt(intoPath: string): Promise<string[]> {
  const assemble = join(repositoryRoot, "tooling/prebuilt/assemble.mjs");
  const made = withPrograms.map((name) => run(process.execPath, [assemble, name, intoPath]));
  return (await Promise.all(made)).map(({ stdout }) => stdout.trim());
}

/** What a consumer on this Node has. */
const nodeTypes = "@types/node@24";

/** Runs npm as a stranger would: the machine's own, with its own settings, not on this repository's Node. */
function npmInstall(
  project: string,
  tarballs: readonly string[],
): { reached: boolean; status: number | null; said: string } {
  const folders = (process.env["PATH"] ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"];
  const done = spawnSync("npm", ["install", ...flags, ...tarballs], {
    cwd: project,
    env: { ...process.env, PATH: folders.join(":") },
    encoding: "utf8",
    timeout: 100_000,
  });
  const said = `${done.stderr}${done.error?.message ?? ""}`;
  return { reached: done.status === 0 || !unreachable.test(said), status: done.status, said };
}

/** How npm says that there is no registry to reach. */
const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT/;

describe.skipIf(unbuilt)(`packed packages in an empty project${reason}`, () => {
  let project = "";
  let noRegistry = false;

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "galley-project-"));
    await writeFile(join(project, "package.json"), '{ "name": "stranger", "private": true, "type": "module" }\n');
    const named = [...tried.map((folder) => basename(folder)), ...withPrograms].map((name) => `@galley/${name}`);
    const tarballs = await assemblePrebuilt(join(project, "prebuilt"));
    for (const { folder } of closure([...named, ...(await importedByExamples())])) {
      tarballs.push((await pack(folder, join(project, "tarballs"))).tarballPath);
    }
    for (const path of scripts) await copyFile(path, join(project, basename(path)));
    await chmod(project, 0o755);
    const { reached, status, said } = npmInstall(project, [...tarballs, nodeTypes]);
    noRegistry = !reached;
    if (reached) expect(status, said).toBe(0);
  });
  afterAll(() => rm(project, { recursive: true, force: true }));

  test.for(tried)("an example of %s runs on what was installed", async (folder, { skip }) => {
    if (noRegistry) skip("no package registry can be reached");
    const example = examplesOf(repositoryRoot, folder)[0];
    if (example === undefined) throw new Error(`${folder} has no example`);
    const copy = join(project, `${basename(folder)}.ts`);
    await copyFile(example, copy);
    const { stdout } = await run(process.execPath, [copy], { cwd: project, timeout: 30_000 });
    expect(stdout.trim()).not.toBe("");
  });

  test.for(scripts)("%s runs as a plain user on what was installed", async (path, { skip }) => {
    if (noRegistry) skip("no package registry can be reached");
    const { printed } = await runPlainly(join(project, basename(path)));
    expect(printed.trim()).not.toBe("");
  });

  test.for(compilers.flatMap((compiler) => resolutions.map((options) => [compiler, options] as const)))(
    "the examples are well typed for %s with %j",
    { timeout: 120_000 },
    async ([compiler, options], { skip }) => {
      if (noRegistry) skip("no package registry can be reached");
      const path = join(project, `tsconfig.${compiler}.${options.moduleResolution}.json`);
      const strict = { strict: true, skipLibCheck: false, noEmit: true, target: "es2022", types: ["node"] };
      const include = scripts.map((script) => basename(script));
      await writeFile(path, JSON.stringify({ compilerOptions: { ...strict, ...options }, include }));
      const tsc = join(import.meta.dirname, "node_modules", compiler, "bin/tsc");
      const { stdout } = await run(process.execPath, [tsc, "--project", path], { cwd: project }).catch(
        (error) => error,
      );
      expect(stdout).toBe("");
    },
  );

  test.for(withPrograms)("the installed @galley/%s finds its prebuilt program", async (name, { skip }) => {
    if (noRegistry) skip("no package registry can be reached");
    const ask = `import { ${name}Path } from "@galley/${name}"; console.log(${name}Path());`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", ask], { cwd: project });
    const path = stdout.trim();
    expect(await realpath(path)).toContain(`${name}-linux-${process.arch}/${name}`);
    await access(path, constants.X_OK);
  });
});
