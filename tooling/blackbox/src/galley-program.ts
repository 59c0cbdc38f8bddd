import { existsSync } from "node:fs";
import { join } from "node:path";
import { missingForHostTest } from "@galley/testing-images";

const repositoryRoot = join(import.meta.dirname, "../../..");

/** The built command line; GALLEY_CLI names another one. */
export const galleyProgram = process.env["GALLEY_CLI"] ?? join(repositoryRoot, "apps/cli/bin/galley.js");

/** The programs in C, where a build puts them. */
export const nativePrograms = {
  stage: join(repositoryRoot, "packages/stage/build/Release/stage"),
  keeper: join(repositoryRoot, "packages/keeper/build/Release/keeper"),
} as const;

/** Programs that every file here needs, since its image comes from them. */
const imagePrograms = ["busybox", "docker-registry", "skopeo", "setpriv"];

/** Why tests of the command line cannot run here; undefined when they can. */
export function missingForBlackBox(programs: readonly string[] = []): string | undefined {
  const missing = missingForHostTest({ root: true, programs: [...imagePrograms, ...programs] });
  if (missing !== undefined) return missing;
  const bundle = join(galleyProgram, "../../dist/galley.js");
  const unbuilt = [bundle, ...Object.values(nativePrograms)].filter((path) => !existsSync(path));
  return unbuilt.length === 0 ? undefined : "needs a build: npm run build";
}

/** A suite's or test's name with the reason for which it is skipped. */
export function named(name: string, reason: string | undefined): string {
  return reason === undefined ? name : `${name} (${reason})`;
}
