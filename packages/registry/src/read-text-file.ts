import { readFile } from "node:fs/promises";
import { wrapError } from "@galley/spec";

/**
 * Reads a text file of this machine; undefined when there is none. The usual port of `credentialsFromAuthFiles`.
 *
 * @example
 * const credentials = credentialsFromAuthFiles({ readFile: readTextFile, environment: process.env });
 */
export async function readTextFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw wrapError(`read ${path}`, cause);
  }
}
