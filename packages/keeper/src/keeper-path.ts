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
  const program = [...candidates()].find(isThere);
  if (program !== undefined) return program;
  throw galleyError(
    "unsupported",
    "keeper.no-program",
    `no keeper program for ${process.platform} ${process.arch}: npm run build:native in the folder of @galley/keeper builds it`,
  );
}

// A bundled app has its own import.meta.url; there the package is found by its name.
function* candidates(): Generator<string> {
  if (process.platform !== "linux") return;
  if (process.env["GALLEY_PROGRAMS"]) yield join(process.env["GALLEY_PROGRAMS"], "keeper");
  const prebuilt = folderOf(`@galley/keeper-linux-${process.arch}`);
  if (prebuilt !== undefined) yield join(prebuilt, "keeper");
  yield fileURLToPath(new URL("../build/Release/keeper", import.meta.url));
  const installed = folderOf("@galley/keeper");
  if (installed !== undefined) yield join(installed, "build/Release/keeper");
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
