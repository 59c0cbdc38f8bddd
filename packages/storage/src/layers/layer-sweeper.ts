import { mkdir, readdir, rename } from "node:fs/promises";
import type { Perform } from "@galley/plan";
import { type Digest, digestHex } from "@galley/spec";
import type { Sweeper } from "../garbage/sweeper.ts";
import { ownerLives, ownerTag, parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined, errnoOf } from "../system-error.ts";
import { removeTrees } from "../trees/remove-trees.ts";
import { type LayerPaths, layerPath, listLayerIds } from "./open-layers.ts";

/** Hides, restores and discards layers by renaming them to `staging/<owner>.<hex>.hidden`. */
export function layerSweeper(paths: LayerPaths, { perform }: { readonly perform: Perform }): Sweeper {
  const hidden = new Map<Digest, string>();
  const hide = async (digest: Digest) => {
    await mkdir(paths.staging, { recursive: true, mode: 0o700 });
    const name = ownerTag(`${digestHex(digest)}.hidden`);
    if (!(await renamed(layerPath(paths, digest), `${paths.staging}/${name}`))) return false;
    hidden.set(digest, name);
    return true;
  };
  const restore = async (digest: Digest) => {
    const name = hidden.get(digest);
    if (name) await renamed(`${paths.staging}/${name}`, layerPath(paths, digest));
    hidden.delete(digest);
  };
  const discard = async (digest: Digest) => {
    const name = hidden.get(digest);
    // Another name first: a hidden layer of a dead collector is brought back, a half-removed one must not be.
    const dead = ownerTag(`${digestHex(digest)}.dead`);
    if (name && (await renamed(`${paths.staging}/${name}`, `${paths.staging}/${dead}`)))
      await removeTrees(paths.staging, [dead], { perform });
    hidden.delete(digest);
    return 0;
  };
  return { list: () => list(paths), hide, restore, discard };
}

async function* list(paths: LayerPaths): AsyncIterable<Digest> {
  await restoreHiddenOfDead(paths);
  yield* await listLayerIds(paths);
}

/** Brings back what a collector that died had hidden. */
export async function restoreHiddenOfDead(paths: LayerPaths): Promise<void> {
  for (const file of (await absentAsUndefined(readdir(paths.staging))) ?? []) {
    const owned = parseOwnerTag(file);
    const hex = owned && /^([0-9a-f]+)\.hidden$/.exec(owned.rest)?.[1];
    if (owned && hex && !ownerLives(owned)) await renamed(`${paths.staging}/${file}`, `${paths.directory}/${hex}`);
  }
}

/** False when it is not there, or when a new one has taken its place; then the hidden one is swept with the staging. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTEMPTY", "EEXIST"].includes(errnoOf(error) ?? "")) return false;
    throw error;
  }
}
