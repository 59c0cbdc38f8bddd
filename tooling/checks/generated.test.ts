import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readWorkspace, repositoryRoot } from "./workspace.ts";

/** Packages whose `generate` script writes files that are committed; with --check it only compares. */
const generating = readWorkspace(repositoryRoot).filter(({ manifest }) => manifest.scripts?.["generate"] !== undefined);

describe("generated files", () => {
  test.for(generating)("generated files of $folder are what `pnpm generate` would write", ({ folder, manifest }) => {
    const command = `${manifest.scripts?.["generate"]} --check`;
    const run = spawnSync("sh", ["-c", command], {
      cwd: join(repositoryRoot, folder),
      env: { ...process.env, PATH: `${join(repositoryRoot, "node_modules/.bin")}:${process.env["PATH"]}` },
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(run.status, run.stdout + run.stderr).toBe(0);
  });
});
