import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { maxFlushes } from "./limits.ts";

let flushes = 0;
const waiting: (() => void)[] = [];

/** Runs a flush when there are few others: each holds one of libuv's threads, which decompression needs, too. */
export async function flushInTurn(flush: () => Promise<void>): Promise<void> {
  if (flushes >= maxFlushes) await new Promise<void>((resolve) => waiting.push(resolve));
  else flushes += 1;
  try {
    await flush();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else flushes -= 1;
  }
}

const directorySyncs = new Map<string, { readonly running: Promise<void>; next?: Promise<void> }>();

/**
 * As `syncDirectory`, shared by those who ask for the same directory at the same time: one that began before a name was made
 * does not count for it, so whoever comes while it runs waits for the next one, together with all others who do.
 */
export function syncDirectoryTogether(hostPath: string): Promise<void> {
  const known = directorySyncs.get(hostPath);
  if (known) {
    known.next ??= known.running.catch(() => {}).then(() => syncDirectoryTogether(hostPath));
    return known.next;
  }
  const running = flushInTurn(() => syncDirectory(hostPath)).finally(() => directorySyncs.delete(hostPath));
  directorySyncs.set(hostPath, { running });
  return running;
}

/** Flushes a directory, so that names made or removed in it survive a power cut (fsync(2)). */
export async function syncDirectory(hostPath: string): Promise<void> {
  const directory = await open(hostPath, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Writes a small file whole or not at all: write, fsync, rename, fsync of the directory. */
export async function writeDurably(hostPath: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${hostPath}.${randomBytes(6).toString("hex")}`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, hostPath);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(hostPath));
}
