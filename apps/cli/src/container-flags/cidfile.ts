import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { badValue } from "../flags/usage-error.ts";

/** A new file for a container's id. Dispose of it to remove it again if nothing was written. */
export interface CidFile extends Disposable {
  write(id: string): void;
}

/**
 * Makes the file at once, so that of two commands with the same file only one runs.
 *
 * @throws GalleyError invalid when it exists or cannot be made
 */
export function openCidFile(path: string | undefined): CidFile | undefined {
  if (path === undefined) return undefined;
  const descriptor = create(path);
  let written = false;
  return {
    write(id) {
      writeSync(descriptor, id);
      written = true;
    },
    [Symbol.dispose]() {
      closeSync(descriptor);
      if (!written) unlinkSync(path);
    },
  };
}

function create(path: string): number {
  try {
    return openSync(path, "wx", 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST") throw badValue(`opening container id file ${path}: ${code}`);
    throw badValue(`container id file exists. Ensure another container is not using it or delete ${path}`);
  }
}
