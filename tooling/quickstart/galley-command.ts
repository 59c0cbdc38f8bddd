import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const program = join(import.meta.dirname, "../../node_modules/.bin/galley");

/** The real command line, with its state in a temporary folder. */
export type Galley = (...words: string[]) => Promise<string>;

/** Binds the command to a root and a runroot of its own; a call gives what it printed, or throws with what it said. */
export function galleyIn(rootPath: string, runrootPath: string): Galley {
  return async (...words) => {
    const { stdout } = await run(program, ["--root", rootPath, "--runroot", runrootPath, ...words], {
      maxBuffer: 1 << 26,
    });
    return stdout;
  };
}

/** What a failed command said: one line when it is Galley's own error. */
export function saidBy(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return stderr?.trim() || message;
}
