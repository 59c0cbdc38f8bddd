import { randomBytes } from "node:crypto";
import { link, open, readFile, rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { galleyError } from "@galley/spec";
import { authFileLockLimitMs, authFileLockStaleMs } from "./limits.ts";

/**
 * Runs one edit of a file at a time among all who use this: a file beside it holds the pid of who is at work. One whose
 * writer is gone was left behind by a kill and is taken away.
 */
export async function withAuthFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await take(lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<void> {
  const deadlineMs = performance.now() + authFileLockLimitMs;
  while (!(await make(lock))) {
    if (performance.now() > deadlineMs) {
      throw galleyError("unavailable", "registry.auth-file-busy", `${lock} says that another program is writing`);
    }
    await removeStale(lock);
    await sleep(5 + Math.random() * 20);
  }
}

async function make(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, "wx", 0o600);
    await file.writeFile(`${process.pid}`).finally(() => file.close());
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function removeStale(lock: string): Promise<void> {
  const seen = await readFile(lock, "utf8").catch(() => undefined);
  if (seen === undefined || !(await isStale(lock, seen))) return;
  const aside = `${lock}.${randomBytes(8).toString("hex")}`;
  await rename(lock, aside).catch(() => undefined);
  // Of several who saw that it is old, one may have come so late that it took a new one away: that goes back.
  const taken = await readFile(aside, "utf8").catch(() => undefined);
  if (taken !== undefined && taken !== seen) await link(aside, lock).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isStale(lock: string, text: string): Promise<boolean> {
  const found = await stat(lock).catch(() => undefined);
  if (!found) return false;
  const ageMs = Date.now() - found.mtimeMs;
  // Between its making and its text it is empty for a moment.
  return ageMs > authFileLockStaleMs || (text === "" ? ageMs > 5000 : !isAlive(Number(text)));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
