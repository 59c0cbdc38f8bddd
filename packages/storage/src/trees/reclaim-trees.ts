import { readdir } from "node:fs/promises";
import type { Perform } from "@galley/plan";
import { ownerLives, parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined } from "../system-error.ts";
import { removeTrees } from "./remove-trees.ts";

/** Removes the trees in a staging directory whose owners are dead. */
export async function reclaimTrees(hostDirectory: string, { perform }: { readonly perform: Perform }): Promise<void> {
  const names = (await absentAsUndefined(readdir(hostDirectory))) ?? [];
  const dead = names.filter((name) => {
    const owned = parseOwnerTag(name);
    return owned && !ownerLives(owned);
  });
  await removeTrees(hostDirectory, dead, { perform });
}
