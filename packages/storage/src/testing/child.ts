import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** A child process that runs a piece of a module on the sources of this workspace. */
export interface Child {
  readonly process: ChildProcess;
  /** Resolves when it has printed the text. */
  printed(text: string): Promise<void>;
  /** Resolves to exit code or signal. */
  readonly ended: Promise<number | string>;
  /** All it printed so far, errors included. */
  output(): string;
}

/** Starts a child; imports in `code` resolve as in this folder. */
export function startChild(code: string, ...args: readonly string[]): Child {
  const child = spawn(process.execPath, ["--conditions=@galley/source", "--input-type=module", "-e", code, ...args], {
    cwd: new URL("..", import.meta.url),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const add = (chunk: Buffer) => {
    text += chunk.toString();
    child.emit("text");
  };
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  const ended = once(child, "close").then(([code, signal]) => code ?? signal);
  const printed = async (wanted: string) => {
    while (!text.includes(wanted)) {
      const over = await Promise.race([once(child, "text"), ended.then(() => "over")]);
      if (over === "over" && !text.includes(wanted)) throw new Error(`ended without ${wanted}: ${text}`);
    }
  };
  return { process: child, printed, ended, output: () => text };
}
