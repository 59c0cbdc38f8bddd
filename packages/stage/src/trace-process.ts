import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { galleyError } from "@galley/spec";

const pollMs = 2;

/**
 * Writes every system call of a process and of what it clones to a file, with strace(1). Resolves once strace is attached: it
 * attaches from beside, because a strace that starts the process would hold its streams open and nobody would see their end.
 *
 * @throws unsupported stage.no-trace: strace is not installed, or may not attach (ptrace(2))
 */
export async function traceProcess(pid: number, tracePath: string): Promise<void> {
  const strace = spawn("strace", ["-q", "-f", "-s", "256", "-o", tracePath, "-p", String(pid)], { stdio: "ignore" });
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  strace.on("error", end).on("exit", end);
  strace.unref(); // it ends with the last process that it traces
  while (!ended && !isTraced(pid)) await delay(pollMs);
  if (ended)
    throw galleyError("unsupported", "stage.no-trace", `cannot trace process ${pid} with strace into ${tracePath}`);
}

/** proc_pid_status(5) */
function isTraced(pid: number): boolean {
  return /^TracerPid:\t[1-9]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}
