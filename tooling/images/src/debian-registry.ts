import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findProgram } from "./missing-programs.ts";

/** A running registry; dispose of it to stop it and remove its data. */
export interface RunningRegistry extends AsyncDisposable {
  /** `127.0.0.1:PORT`, plain HTTP. */
  readonly address: string;
}

const configuration = (dataPath: string): string => `version: 0.1
log: { level: info }
storage: { filesystem: { rootdirectory: ${dataPath} }, delete: { enabled: true } }
http: { addr: "127.0.0.1:0" }
`;

/** Starts Debian's docker-registry on loopback, on a free port, with an empty store in a temporary folder. */
export async function startDebianRegistry(): Promise<RunningRegistry> {
  const program = findProgram("docker-registry");
  if (program === undefined) throw new Error("no docker-registry on this machine (Debian: docker-registry)");
  const folder = await mkdtemp(join(tmpdir(), "galley-registry-"));
  const configPath = join(folder, "config.yml");
  await writeFile(configPath, configuration(join(folder, "data")));
  // Ends with us, also when a test run is killed.
  const tied = ["--pdeathsig", "TERM", program, "serve", configPath];
  const child = spawn("setpriv", tied, { stdio: ["ignore", "ignore", "pipe"] });
  const address = await listeningAddress(child);
  return {
    address,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.kill()) await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The registry tells its port in its log; the rest of the log is read so that it never blocks. */
function listeningAddress(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("the registry has no log");
  const lines = createInterface({ input: child.stderr });
  return new Promise((resolve, reject) => {
    lines.on("line", (line) => {
      const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`docker-registry ended with ${code} before it listened`)));
  });
}
