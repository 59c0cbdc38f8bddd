import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const sourcePath = join(import.meta.dirname, "../native");

/** Compiles the probe into a static program in the given folder; gives its path. */
export async function compileProbe(intoPath: string): Promise<string> {
  const programPath = join(intoPath, "probe");
  const sources = globSync("*.c", { cwd: sourcePath }).map((name) => join(sourcePath, name));
  const flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-static"];
  await run(process.env["CC"] ?? "cc", [...flags, "-o", programPath, ...sources]);
  return programPath;
}
