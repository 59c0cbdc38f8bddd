import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where a program is, looked for in PATH and where Debian keeps root's programs. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/bin", "/bin"];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Why a host test that needs root or these programs cannot run, for the name of its suite; undefined when it can.
 * @example
 * const reason = missingForHostTest({ root: true, programs: ["skopeo"] });
 * describe.skipIf(reason !== undefined)(`pull from Debian's registry${reason === undefined ? "" : ` (${reason})`}`, …);
 */
export function missingForHostTest(needs: { root?: boolean; programs?: readonly string[] }): string | undefined {
  const missing = (needs.programs ?? []).filter((program) => findProgram(program) === undefined);
  if (needs.root === true && process.getuid?.() !== 0) missing.unshift("root");
  return missing.length === 0 ? undefined : `needs ${missing.join(", ")}`;
}
