import { readdirSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ownerLives, parseOwnerTag } from "../owner-tag.ts";

/** Removes half-made databases and copies whose makers are dead. */
export function reclaimRecords(hostPath: string): void {
  const prefix = `${basename(hostPath)}.`;
  for (const name of namesIn(dirname(hostPath))) {
    const owned = name.startsWith(prefix) ? parseOwnerTag(name.slice(prefix.length)) : undefined;
    if (owned && !ownerLives(owned)) rmSync(`${dirname(hostPath)}/${name}`, { force: true });
  }
}

function namesIn(hostDirectory: string): string[] {
  try {
    return readdirSync(hostDirectory);
  } catch {
    return []; // nothing was made there yet
  }
}
