import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const nobody = 65_534;
const guard = join(import.meta.dirname, "plain-guard.mjs");

/** How a script ran, for the name of a test. */
export interface PlainRun {
  readonly printed: string;
  /** The user it ran as. */
  readonly uid: number | undefined;
}

/**
 * Runs a script on this Node with next to no environment, as root as the user nobody where that one can read it, under a
 * guard that refuses child processes and native code.
 */
export async function runPlainly(path: string, flags: readonly string[] = []): Promise<PlainRun> {
  const identity = process.getuid?.() === 0 && (await canRead(path)) ? { uid: nobody, gid: nobody } : {};
  const temporary = await mkdtemp(join(tmpdir(), "galley-plain-"));
  try {
    await chmod(temporary, 0o777);
    const options = { ...plain, ...identity, env: { ...plain.env, TMPDIR: temporary } };
    const { stdout } = await run(process.execPath, [...flags, "--import", guard, path], options);
    return { printed: stdout, uid: "uid" in identity ? nobody : process.getuid?.() };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** No HOME, and a current directory that anybody may be in. */
const plain = { cwd: "/", env: { PATH: "/usr/bin:/bin" }, timeout: 30_000 };

async function canRead(path: string): Promise<boolean> {
  const script = "for (const path of process.argv.slice(1)) require('node:fs').accessSync(path, 4)";
  const tried = run(process.execPath, ["--eval", script, path, guard], { ...plain, uid: nobody, gid: nobody });
  return tried.then(
    () => true,
    () => false,
  );
}
