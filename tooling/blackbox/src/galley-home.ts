import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Ended, ended } from "./ended.ts";
import { galleyProgram } from "./galley-program.ts";
import { endProcesses, mountsNaming } from "./traces.ts";

/** How to run one command line. */
export interface RunOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly spawn?: SpawnOptions;
}

/** A root and a runroot of its own, and the real command line with them. Dispose of it to end and remove all that is in it. */
export interface GalleyHome extends AsyncDisposable {
  readonly folder: string;
  readonly root: string;
  readonly runroot: string;
  /** The command line for other programs to run: node, the program, the places. */
  readonly argv: readonly string[];
  /** Runs it to its end. */
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** Runs it to its end, which must be good and silent on standard error; returns its trimmed output. */
  ok(...args: string[]): Promise<string>;
  start(args: readonly string[], options?: SpawnOptions): ChildProcess;
}

function holdsContainers({ root, runroot }: { root: string; runroot: string }): boolean {
  const folders = [root, runroot].map((place) => join(place, "containers")).filter((folder) => existsSync(folder));
  return folders.some((folder) => readdirSync(folder).some((name) => !name.startsWith(".")));
}

/** Makes a home in a temporary folder. */
export async function makeHome(): Promise<GalleyHome> {
  const folder = await mkdtemp(join(tmpdir(), "galley-blackbox-"));
  const places = { folder, root: join(folder, "root"), runroot: join(folder, "run") };
  // The dashes as in the program's first line: Node would take flags of ours for its own.
  const argv = [process.execPath, "--", galleyProgram, "--root", places.root, "--runroot", places.runroot];
  const start = (args: readonly string[], options: SpawnOptions = {}): ChildProcess => {
    const [program = "", ...before] = argv;
    return spawn(program, [...before, ...args], options);
  };
  const run = (args: readonly string[], options: RunOptions = {}): Promise<Ended> => {
    const child = start(args, options.spawn);
    child.stdin?.on("error", () => {}); // it may end without reading
    child.stdin?.end(options.input ?? "");
    return ended(child, options.timeoutMs);
  };
  return {
    ...places,
    argv,
    run,
    start,
    async ok(...args) {
      const { code, out, err } = await run(args);
      if (code !== 0 || err !== "") throw new Error(`galley ${args.join(" ")}: ${code}: ${out}${err}`);
      return out.trim();
    },
    async [Symbol.asyncDispose]() {
      if (holdsContainers(places)) await run(["rm", "-af", "-t", "0"]).catch(() => {});
      endProcesses(folder);
      if (mountsNaming(folder).length > 0) throw new Error(`${folder} is mounted; not removed`);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
