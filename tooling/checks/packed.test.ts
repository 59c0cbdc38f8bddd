import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pack } from "./pack.ts";
import { readWorkspace, repositoryRoot } from "./workspace.ts";

const folders = readWorkspace(repositoryRoot, ["packages", "apps"])
  .filter(({ manifest }) => manifest.private !== true)
  .map(({ folder }) => folder);
const unbuilt = folders.filter((folder) => !existsSync(join(repositoryRoot, folder, "dist")));
const reason = unbuilt.length > 0 ? " (needs a build: npm run build)" : "";

/** We publish ES modules only: how CommonJS and the old resolution see them is not our subject. */
const esmOnly = new Set(["node16-esm", "bundler"]);

async function typeProblems(tarballPath: string): Promise<string[]> {
  const found = await checkPackage(createPackageFromTarballData(await readFile(tarballPath)));
  if (found.types === false) return ["has no types"];
  return found.problems
    .filter((problem) => !("resolutionKind" in problem) || esmOnly.has(problem.resolutionKind))
    .filter(({ kind }) => kind !== "CJSResolvesToESM")
    .map((problem) => JSON.stringify(problem));
}

describe.skipIf(unbuilt.length > 0)(`packed packages${reason}`, () => {
  let into = "";
  beforeAll(async () => {
    into = await mkdtemp(join(tmpdir(), "galley-pack-"));
  });
  afterAll(() => rm(into, { recursive: true, force: true }));

  test.for(folders)("publint and attw find nothing in %s", { timeout: 60_000 }, async (folder) => {
    const { tarballPath } = await pack(folder, into);
    const tarball = await readFile(tarballPath);
    const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(tarball).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
    if (folder.startsWith("packages/")) expect(await typeProblems(tarballPath)).toEqual([]);
  });
});
