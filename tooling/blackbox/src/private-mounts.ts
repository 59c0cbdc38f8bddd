import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ended } from "./ended.ts";
import type { GalleyHome } from "./galley-home.ts";
import { shellLine } from "./terminal.ts";

/** A mount namespace of our own: what is mounted there is seen by nobody else and goes with it. */
export interface PrivateMounts extends AsyncDisposable {
  /** Runs a shell line there, which must go well; returns what it printed. */
  sh(line: string): Promise<string>;
  /** A path in there as others may read it. */
  path(inner: string): string;
  /** The home with every command in there. */
  readonly home: GalleyHome;
}

/** Makes one, by a process that waits for its input to end. */
export async function privateMounts(home: GalleyHome): Promise<PrivateMounts> {
  const holder = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", "echo ready; read -r _"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(holder, "exit");
  await once(createInterface({ input: holder.stdout }), "line");
  const enter = ["nsenter", `--mount=/proc/${holder.pid}/ns/mnt`, "--"];
  const start: GalleyHome["start"] = (args, options = {}) =>
    spawn(enter[0] ?? "", [...enter.slice(1), ...home.argv, ...args], options);
  const run: GalleyHome["run"] = (args, options = {}) => {
    const child = start(args, options.spawn);
    child.stdin?.on("error", () => {}); // it may end without reading
    child.stdin?.end(options.input ?? "");
    return ended(child, options.timeoutMs);
  };
  const sh = async (line: string): Promise<string> => {
    const { code, out, err } = await ended(spawn("sh", ["-c", shellLine([...enter, "sh", "-ec", line])]));
    if (code !== 0) throw new Error(`${line}: ${code}: ${err}`);
    return out;
  };
  const ok: GalleyHome["ok"] = async (...args) => {
    const { code, out, err } = await run(args);
    if (code !== 0 || err !== "") throw new Error(`galley ${args.join(" ")}: ${code}: ${out}${err}`);
    return out.trim();
  };
  return {
    sh,
    path: (inner) => `/proc/${holder.pid}/root${inner}`,
    home: { ...home, argv: [...enter, ...home.argv], run, ok, start },
    async [Symbol.asyncDispose]() {
      await run(["rm", "-af", "-t", "0"]).catch(() => {});
      holder.stdin.end();
      await gone;
    },
  };
}
