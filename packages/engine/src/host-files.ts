import { mkdirSync, rmSync, type Stats, statSync, writeFileSync } from "node:fs";
import { systemError } from "./system-error.ts";

/*
 * The engine's own files on the host: nothing here may be used on a tree that a container or an image has made. A full disk and
 * its like become errors that say what was being done.
 */

/** Makes a directory of the engine's own, and those above it; one that is there stays as it is. */
export function makeHostDirectory(hostPath: string): void {
  attempt(`make directory ${hostPath}`, () => void mkdirSync(hostPath, { recursive: true, mode: 0o700 }));
}

/** Writes a small file whole, over what was there; everybody may read it. */
export function writeHostFile(hostPath: string, content: string): void {
  attempt(`write ${hostPath}`, () => writeFileSync(hostPath, content, { mode: 0o644 }));
}

/** Removes a file or a directory with all in it; one that is not there is fine. */
export function removeHostPath(hostPath: string): void {
  attempt(`remove ${hostPath}`, () => rmSync(hostPath, { recursive: true, force: true }));
}

/** What lies at a path, links followed; undefined when nothing does. */
export function hostStatus(hostPath: string): Stats | undefined {
  return attempt(`look at ${hostPath}`, () => statSync(hostPath, { throwIfNoEntry: false }));
}

function attempt<Result>(doing: string, operation: () => Result): Result {
  try {
    return operation();
  } catch (cause) {
    throw systemError(doing, cause);
  }
}
