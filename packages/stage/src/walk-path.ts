import { existsSync } from "node:fs";
import { galleyError } from "@galley/spec";
import { programCandidates } from "./stage-path.ts";

/**
 * Where the program `walk` lies: the prebuilt package of this processor, or what `npm run build:native` made.
 *
 * @throws GalleyError `unsupported` when there is none.
 * @example
 * walkPath(); // "/…/packages/stage/build/Release/walk"
 */
export function walkPath(): string {
  const found = programCandidates("walk").find((path) => existsSync(path));
  if (found !== undefined) return found;
  const platform = `${process.platform} ${process.arch}`;
  const help = "npm run build:native in the folder of @galley/stage builds it";
  throw galleyError("unsupported", "stage.no-program", `no walk program for ${platform}: ${help}`);
}
