import { accessSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { galleyError } from "@galley/spec";

/**
 * Finds the `keeper` program: in the folder that GALLEY_PROGRAMS names, else the prebuilt one of the optional package for this
 * CPU, else the one built here.
 *
 * @throws GalleyError `unsupported` when there is none; the message has the command that builds it.
 * @example
 * const program = keeperPath(); // "/…/node_modules/@galley/keeper-linux-x64/keeper"
 */
export function keeperPath(): string {
  return programPath("keeper");
}

/**
 * Finds the `init` program in the same places: process 1 for programs that do not expect to be it. It starts the command that
 * its arguments name, passes signals on to it and reaps orphans.
 *
 * @throws GalleyError `unsupported` when there is none
 * @example
 * const command = [initPath(), "--", "sleep", "60"];
 */
export function initPath(): string {
  return programPath("init");
}

function programPath(name: "keeper" | "init"): string {
  const program = [...candidates(name)].find(isThere);
  if (program !== undefined) return program;
  throw galleyError(
    "unsupported",
    "keeper.no-program",
    `no ${name} program for ${process.platform} ${process.arch}: npm run build:native in the folder of @galley/keeper builds it`,
  );
}

// A bundled app has its own import.meta.url; there the package is found by its name.
function* candidates(name: string): Generator<string> {
  if (process.platform !== "linux") return;
  if (process.env["GALLEY_PROGRAMS"]) yield join(process.env["GALLEY_PROGRAMS"], name);
  const prebuilt = folderOf(`@galley/keeper-linux-${process.arch}`);
  if (prebuilt !== undefined) yield join(prebuilt, name);
  yield fileURLToPath(new URL(`../build/Release/${name}`, import.meta.url));
  const installed = folderOf("@galley/keeper");
  if (installed !== undefined) yield join(installed, "build/Release", name);
}

function folderOf(packageName: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  } catch {
    return undefined;
  }
}

function isThere(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
