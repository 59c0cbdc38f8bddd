import { globSync, rmdirSync } from "node:fs";
import { join } from "node:path";

const hierarchies = "/sys/fs/cgroup";

/** Removes a top-level control group with everything beneath, in every hierarchy; one that is in use stays. */
export function removeControlGroups(name: string): void {
  const found = globSync([name, `*/${name}`, `${name}/**/`, `*/${name}/**/`], { cwd: hierarchies });
  for (const path of [...new Set(found)].toSorted((a, b) => b.length - a.length))
    removeIfEmpty(join(hierarchies, path));
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // in use, or gone already
  }
}
