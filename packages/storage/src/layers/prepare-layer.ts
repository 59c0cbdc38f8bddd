import { chmod, chown, mkdir, readdir, rename, stat } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Perform } from "@galley/plan";
import { type Digest, digestHex, wrapError } from "@galley/spec";
import { syncDirectory, writeDurably } from "../durable.ts";
import { layerPollMs, layerWaitMs } from "../limits.ts";
import { ownerLives, ownerTag, parseOwnerTag } from "../owner-tag.ts";
import { absentAsUndefined, errnoOf, systemError } from "../system-error.ts";
import { removeTrees } from "../trees/remove-trees.ts";
import {
  type LayerPaths,
  type LayerRecord,
  type LayerStaging,
  layerPath,
  makeEmpty,
  type PrepareOptions,
  readLayerRecord,
} from "./open-layers.ts";

interface Preparation extends PrepareOptions {
  readonly paths: LayerPaths;
  readonly perform: Perform;
}

/** Begins a layer: undefined when it is there. Two at once is no harm, only double work, so waiting has an end. */
export async function prepareLayer(chainId: Digest, work: Preparation): Promise<LayerStaging | undefined> {
  if (await isThere(chainId, work)) return undefined;
  const deadline = performance.now() + layerWaitMs;
  let pauseMs: number = layerPollMs.first;
  while ((await isBeingMade(chainId, work)) && performance.now() < deadline) {
    await pause(pauseMs, undefined, work.signal ? { signal: work.signal } : {}).catch((error: unknown) => {
      throw wrapError(`wait for layer ${chainId}`, error);
    });
    pauseMs = Math.min(pauseMs * 2, layerPollMs.last);
  }
  if (await isThere(chainId, work)) return undefined;
  return beginLayer(chainId, work);
}

async function isThere(chainId: Digest, { paths }: Preparation): Promise<boolean> {
  return (await readLayerRecord(paths, chainId)) !== undefined;
}

async function isBeingMade(chainId: Digest, { paths }: Preparation): Promise<boolean> {
  const names = (await absentAsUndefined(readdir(paths.staging))) ?? [];
  return names.some((name) => {
    const owned = parseOwnerTag(name);
    return owned?.rest === `${digestHex(chainId)}.new` && ownerLives(owned);
  });
}

async function beginLayer(chainId: Digest, work: Preparation): Promise<LayerStaging> {
  const { paths, perform } = work;
  const name = ownerTag(`${digestHex(chainId)}.new`);
  const stagingPath = `${paths.staging}/${name}`;
  try {
    await mkdir(`${stagingPath}/tree`, { recursive: true, mode: 0o700 });
    await makeEmpty(paths);
    await copyRootAttributes(work.parent && `${layerPath(paths, work.parent)}/tree`, `${stagingPath}/tree`);
  } catch (error) {
    throw systemError(`prepare layer ${chainId}`, error);
  }
  let open = true;
  const abort = async () => {
    if (open) await removeTrees(paths.staging, [name], { perform });
    open = false;
  };
  const commit = async (info: LayerRecord["info"] = {}) => {
    const record: LayerRecord = { chainId, createdMs: Date.now(), info };
    if (await publish({ stagingPath, target: layerPath(paths, chainId), record })) open = false;
    await abort();
  };
  return { hostPath: `${stagingPath}/tree`, commit, abort, [Symbol.asyncDispose]: abort };
}

/**
 * The merged root of an overlay shows the attributes of its top layer's root. A layer without an entry for its root
 * means "as below", so the tree begins with the parent's. 0755 root:root for the lowest. Follows nothing: both paths
 * are directories that this package made.
 */
export async function copyRootAttributes(parentTree: string | undefined, tree: string): Promise<void> {
  const from = parentTree === undefined ? undefined : await stat(parentTree);
  if (from && (from.uid !== process.getuid?.() || from.gid !== process.getgid?.()))
    await chown(tree, from.uid, from.gid);
  await chmod(tree, from ? from.mode & 0o7777 : 0o755);
}

/** The record is written first, then one rename shows tree and record together. False when another was faster. */
async function publish(what: { stagingPath: string; target: string; record: LayerRecord }): Promise<boolean> {
  try {
    await writeDurably(`${what.stagingPath}/record.json`, JSON.stringify(what.record));
    await rename(what.stagingPath, what.target);
    await syncDirectory(`${what.target}/..`);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOTEMPTY" || errnoOf(error) === "EEXIST") return false;
    throw systemError(`commit layer ${what.record.chainId}`, error);
  }
}
