import { readdirSync } from "node:fs";
import { join } from "node:path";

const folders = [
  ...["content/blobs/sha256", "content/staging", "content/partial", "content/hidden"],
  ...["layers", "layers/staging", "containers", "containers/.removing", "leases"],
];
/** Directories that stay. */
const fixed = new Set(["staging", "empty", ".removing"]);

/** How many things lie in each folder of a store, and how many unfinished databases beside the one. */
export function storeCounts(root: string): Record<string, number> {
  const counts = folders.map((folder) => [folder, names(join(root, folder)).filter((name) => !fixed.has(name)).length]);
  const unfinished = names(root).filter((name) => /^galley\.db\.\d/.test(name)).length;
  return { ...Object.fromEntries(counts), unfinished };
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
