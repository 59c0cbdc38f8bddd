import { badValue } from "../flags/usage-error.ts";
import { parseEnvironment } from "./parse-environment.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables of an env file: a line each, NAME=VALUE taken as it stands (no quotes, no escapes), NAME alone for the caller's
 * value; empty lines and those that begin with `#` are skipped.
 *
 * @example parseEnvFile("# colours\nFG=red\n", process.env); // [["FG", "red"]]
 */
export function parseEnvFile(content: string, caller: Environment): readonly (readonly [string, string])[] {
  const lines = content.replace(/^\uFEFF/, "").split("\n");
  return lines.flatMap((line) => parseLine(line.replace(/\r$/, "").trimStart(), caller));
}

function parseLine(line: string, caller: Environment): readonly (readonly [string, string])[] {
  if (line === "" || line.startsWith("#")) return [];
  const name = line.split("=", 1)[0] ?? "";
  if (line.includes("=") && /\s/.test(name)) throw badValue(`name ${JSON.stringify(name)} has white spaces`);
  return parseEnvironment(line.includes("=") ? line : line.trimEnd(), caller);
}
