import { existsSync } from "node:fs";
import { chmod, chown, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
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
import { bootId, flushFileSystem, markSettled } from "./settled.ts";

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
  await removeDoubtful(chainId, work);
  return beginLayer(chainId, work);
}

/** Takes away what another boot has left and nobody may use. Looks again once it is out of sight: another may have made it anew. */
async function removeDoubtful(chainId: Digest, { paths, perform }: Preparation): Promise<void> {
  const [target, name] = [layerPath(paths, chainId), ownerTag(`${digestHex(chainId)}.dead`)];
  if (!existsSync(target)) return;
  await mkdir(paths.staging, { recursive: true, mode: 0o700 });
  await absentAsUndefined(rename(target, `${paths.staging}/${name}`));
  const fresh = await absentAsUndefined(readFile(`${paths.staging}/${name}/record.json`, "utf8"));
  if (fresh !== undefined && isFresh(fresh)) await rename(`${paths.staging}/${name}`, target).catch(() => {});
  await removeTrees(paths.staging, [name], { perform });
}

function isFresh(text: string): boolean {
  try {
    return (JSON.parse(text) as LayerRecord).unflushedIn === bootId();
  } catch {
    return false;
  }
}

/** Begins a layer whose commit takes the place of the one that is there. Broken off in between, the layer is missing. */
export async function remakeLayer(chainId: Digest, work: Preparation): Promise<LayerStaging> {
  const { paths, perform } = work;
  const staging = await beginLayer(chainId, work);
  const commit: LayerStaging["commit"] = async (info, options) => {
    const dead = ownerTag(`${digestHex(chainId)}.dead`);
    await absentAsUndefined(rename(layerPath(paths, chainId), `${paths.staging}/${dead}`));
    await staging.commit(info, options);
    await removeTrees(paths.staging, [dead], { perform });
  };
  return { ...staging, commit };
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
  const hostPath = `${stagingPath}/tree`;
  const parentTree = work.parent && `${layerPath(paths, work.parent)}/tree`;
  const parentIsThere = parentTree === undefined || existsSync(parentTree);
  try {
    await mkdir(hostPath, { recursive: true, mode: 0o700 });
    await makeEmpty(paths);
    await copyRootAttributes(parentIsThere ? parentTree : undefined, hostPath);
  } catch (error) {
    throw systemError(`prepare layer ${chainId}`, error);
  }
  let open = true;
  const abort = async () => {
    if (open) await removeTrees(paths.staging, [name], { perform });
    open = false;
  };
  const commit: LayerStaging["commit"] = async (info = {}, { flush = true, rootIsNamed } = {}) => {
    if (!parentIsThere && !rootIsNamed) await inheritRoot(parentTree, hostPath);
    if (flush) await flushFileSystem(stagingPath, { perform, signal: work.signal });
    const record: LayerRecord = { chainId, createdMs: Date.now(), info, ...(flush ? {} : { unflushedIn: bootId() }) };
    if (await publish({ stagingPath, target: layerPath(paths, chainId), record })) open = false;
    await abort();
  };
  return { hostPath, spoolPath: `${stagingPath}/spool`, commit, abort, [Symbol.asyncDispose]: abort };
}

async function inheritRoot(parentTree: string, hostPath: string): Promise<void> {
  try {
    await copyRootAttributes(parentTree, hostPath);
  } catch (error) {
    throw systemError(`give ${hostPath} the attributes of its parent`, error);
  }
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
  const { stagingPath, target, record } = what;
  try {
    if (record.unflushedIn === undefined) {
      await markSettled(stagingPath);
      await writeDurably(`${stagingPath}/record.json`, JSON.stringify(record));
    } else await writeFile(`${stagingPath}/record.json`, JSON.stringify(record), { mode: 0o600 });
    await rename(stagingPath, target);
    if (record.unflushedIn === undefined) await syncDirectory(`${target}/..`);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOTEMPTY" || errnoOf(error) === "EEXIST") return false;
    throw systemError(`commit layer ${record.chainId}`, error);
  }
}
