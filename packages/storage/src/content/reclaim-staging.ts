import { readdir, rm, stat } from "node:fs/promises";
import { ownerLives, parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined } from "../system-error.ts";
import { type ContentPaths, flatDigest } from "./blob-path.ts";
import { keepPartial } from "./ingest.ts";

/** Turns staging files of dead writers into kept beginnings; of two for one digest the longer stays. */
export async function reclaimStaging(paths: ContentPaths): Promise<void> {
  for (const file of (await absentAsUndefined(readdir(paths.staging))) ?? []) {
    const owned = parseOwnerTag(file);
    if (!owned || ownerLives(owned)) continue;
    const stagingPath = `${paths.staging}/${file}`;
    if (flatDigest(owned.rest) && (await isLonger(stagingPath, `${paths.partial}/${owned.rest}`)))
      await absentAsUndefined(keepPartial(paths, { stagingPath, name: owned.rest }));
    else await rm(stagingPath, { force: true });
  }
}

async function isLonger(hostPath: string, otherPath: string): Promise<boolean> {
  const size = async (path: string) => (await absentAsUndefined(stat(path)))?.size ?? 0;
  return (await size(hostPath)) > (await size(otherPath));
}
