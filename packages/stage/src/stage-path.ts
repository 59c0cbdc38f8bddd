import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { galleyError } from "@galley/spec";

const cache = new Map<string, string>();

/**
 * Where the program `stage` lies: the prebuilt package of this processor, or what `npm run build:native` made.
 *
 * @throws kind `unsupported` when there is none, with the command that builds it
 */
export function stagePath(): string {
  const known = cache.get("stage");
  if (known) return known;
  const found = programCandidates("stage").find((path) => existsSync(path));
  if (!found) {
    const built = fileURLToPath(new URL("..", import.meta.url));
    throw galleyError(
      "unsupported",
      "stage.no-program",
      `no stage program for ${process.platform}-${process.arch}; build it: npm run --prefix ${built} build:native`,
    );
  }
  cache.set("stage", found);
  return found;
}

/** The places where a program of this package may lie, best first. */
export function programCandidates(program: string): readonly string[] {
  const built = fileURLToPath(new URL(`../build/Release/${program}`, import.meta.url));
  const named = process.env["GALLEY_PROGRAMS"];
  return [...(named ? [`${named}/${program}`] : []), ...prebuilt(program), built];
}

function prebuilt(program: string): readonly string[] {
  const require = createRequire(import.meta.url);
  try {
    return [require.resolve(`@galley/stage-linux-${process.arch}/${program}`)];
  } catch {
    return []; // not installed: an optional dependency
  }
}
