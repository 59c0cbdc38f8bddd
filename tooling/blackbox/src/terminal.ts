import { type ChildProcess, spawn } from "node:child_process";
import { until } from "./until.ts";

/** A command under a pseudo-terminal of util-linux's `script`. */
export interface Terminal extends Disposable {
  readonly child: ChildProcess;
  /** All that was shown so far, without control sequences. */
  shown(): string;
  /** Types text. */
  type(text: string): void;
  /** Waits until something is shown. */
  sees(pattern: RegExp): Promise<void>;
}

/** Quotes words for a shell. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
}

/** Runs a shell line in a terminal. */
export function openTerminal(line: string): Terminal {
  const child = spawn("script", ["-qec", line, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk;
  });
  const plain = (): string => shown.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, "");
  return {
    child,
    shown: plain,
    type: (text) => void child.stdin.write(text),
    sees: async (pattern) => {
      await until(`the terminal shows ${pattern}`, () => {
        if (pattern.test(plain())) return true;
        throw new Error(JSON.stringify(shown));
      });
    },
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
}
