import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { galleyError } from "@galley/spec";

/** The programs that are not written in TypeScript, and the package that each belongs to. */
const owners = {
  stage: "@galley/stage",
  walk: "@galley/stage",
  keeper: "@galley/keeper",
  init: "@galley/keeper",
} as const;

export type Program = keyof typeof owners;

/**
 * Where a program lies: in the directory that GALLEY_PROGRAMS names, built in its package's folder, or in the prebuilt package for
 * this processor. The packages look beside their own modules, which after bundling are ours; so here they are found by name.
 *
 * @throws GalleyError unsupported when there is none
 * @example programPath("keeper"); // "/…/node_modules/@galley/keeper/build/Release/keeper"
 */
export function programPath(program: Program, named = process.env["GALLEY_PROGRAMS"]): string {
  if (named !== undefined && named !== "") return join(named, program);
  const owner = packageFolder(owners[program], fileURLToPath(import.meta.url));
  const built = owner && join(owner, "build/Release", program);
  if (built !== undefined && existsSync(built)) return built;
  const prebuilt = owner && packageFolder(`${owners[program]}-linux-${process.arch}`, join(owner, "package.json"));
  if (prebuilt !== undefined && existsSync(join(prebuilt, program))) return join(prebuilt, program);
  throw galleyError("unsupported", "cli.no-program", missing(program));
}

/**
 * The folder of an installed package, as Node looks for it: in `node_modules` of every folder upwards. Node's own resolver would
 * do the same, and cost a command a millisecond for each program.
 */
function packageFolder(name: string, from: string): string | undefined {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (folder === dirname(folder)) return undefined;
  }
}

function missing(program: Program): string {
  const machine = `${process.platform} ${process.arch}`;
  return `no ${program} program for ${machine}: npm run build:native in the folder of ${owners[program]} builds it`;
}
