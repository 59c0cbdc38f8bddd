import { existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Enough for the files beside a database that SQLite makes anew, and for a few pages of its log. */
const reserveBytes = 128 * 1024;

function reservePath(hostPath: string): string {
  return `${hostPath}.reserve`;
}

/**
 * Keeps some room on the disk that nothing but the records gets: who removes something from a full disk has to write that down.
 * Never a reason to fail.
 */
export function keepReserve(hostPath: string): void {
  const path = reservePath(hostPath);
  if (existsSync(path)) return;
  try {
    writeFileSync(path, Buffer.alloc(reserveBytes), { mode: 0o600 });
  } catch {
    rmSync(path, { force: true });
  }
}

/** Less than what SQLite's files beside a database take. */
const scarceBytes = 64 * 1024;

/** Gives the room up if the disk is full; false when it is not, or when there was no room kept. */
export function hasRoomAgain(hostPath: string): boolean {
  const { bavail, bsize } = statfsSync(dirname(hostPath));
  return bavail * bsize < scarceBytes && releaseReserve(hostPath);
}

/** Gives the room up; false when there was none. */
export function releaseReserve(hostPath: string): boolean {
  try {
    rmSync(reservePath(hostPath));
    return true;
  } catch {
    return false;
  }
}
