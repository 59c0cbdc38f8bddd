import { readdir, rm, stat } from "node:fs/promises";
import { partialKeepMs } from "../limits.ts";
import { ownerLives, parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined } from "../system-error.ts";
import { type ContentPaths, flatDigest } from "./blob-path.ts";
import { keepPartial } from "./ingest.ts";

/** Turns staging files of dead writers into kept beginnings; of two for one digest the longer stays, for a week. */
export async function reclaimStaging(paths: ContentPaths): Promise<void> {
  for (const file of (await absentAsUndefined(readdir(paths.staging))) ?? []) {
    const owned = parseOwnerTag(file);
    if (!owned || ownerLives(owned)) continue;
    const stagingPath = `${paths.staging}/${file}`;
    if (flatDigest(owned.rest) && (await isLonger(stagingPath, `${paths.partial}/${owned.rest}`)))
      await absentAsUndefined(keepPartial(paths, { stagingPath, name: owned.rest }));
    else await rm(stagingPath, { force: true });
  }
  await removeOld(paths.partial);
}

/** By wall time, since it counts days and a machine sleeps. */
async function removeOld(partial: string): Promise<void> {
  for (const file of (await absentAsUndefined(readdir(partial))) ?? []) {
    const found = await absentAsUndefined(stat(`${partial}/${file}`));
    if (found && Date.now() - found.mtimeMs > partialKeepMs) await rm(`${partial}/${file}`, { force: true });
  }
}

/** Removes every beginning that nobody goes on with now; returns the bytes. */
export async function discardPartial(paths: ContentPaths): Promise<number> {
  await reclaimStaging(paths);
  let bytes = 0;
  for (const file of (await absentAsUndefined(readdir(paths.partial))) ?? []) {
    const found = await absentAsUndefined(stat(`${paths.partial}/${file}`));
    await rm(`${paths.partial}/${file}`, { force: true });
    bytes += found?.size ?? 0;
  }
  return bytes;
}

async function isLonger(hostPath: string, otherPath: string): Promise<boolean> {
  const size = async (path: string) => (await absentAsUndefined(stat(path)))?.size ?? 0;
  return (await size(hostPath)) > (await size(otherPath));
}
