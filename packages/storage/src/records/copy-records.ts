import { renameSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { ownerTag } from "../owner-tag.ts";

/** Where the second copy of a database of records lies. */
export function recordsCopyPath(hostPath: string): string {
  return `${hostPath}.copy`;
}

/**
 * Keeps a second copy beside the database, for the day when a disk has changed the first: made after what is to last, such as a new
 * image. Never a reason to fail: without room or right to write the older copy stays.
 */
export function copyRecords(database: DatabaseSync, hostPath: string): void {
  const temporary = `${hostPath}.${ownerTag("copy")}`;
  try {
    database.prepare("VACUUM INTO ?").run(temporary);
    renameSync(temporary, recordsCopyPath(hostPath));
  } catch {
    rmSync(temporary, { force: true });
  }
}
