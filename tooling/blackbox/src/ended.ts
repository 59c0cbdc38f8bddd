import type { ChildProcess } from "node:child_process";

/** How a command ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How long any command may take before it counts as hung. */
export const commandTimeoutMs = 20_000;

/** Collects a command's output until its end; kills it and fails when that takes too long. */
export async function ended(child: ChildProcess, timeoutMs = commandTimeoutMs): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  let hung = false;
  const patience = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
    child.stdout?.destroy(); // whoever else holds the pipe must not keep us
    child.stderr?.destroy();
  }, timeoutMs);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(patience);
  const texts = { out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
  if (hung) throw new Error(`${child.spawnargs.join(" ")}: hung; it printed ${JSON.stringify(texts)}`);
  return { code, ...texts };
}
