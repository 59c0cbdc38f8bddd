import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

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
