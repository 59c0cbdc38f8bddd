import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import type { Perform } from "@galley/plan";
import { type Digest, digestHex, galleyError, parseDigest } from "@galley/spec";
import { syncDirectory } from "../durable.ts";
import type { Sweeper } from "../garbage/sweeper.ts";
import { maxLayerRecordBytes } from "../limits.ts";
import { ownerTag } from "../owner-tag.ts";
import { absentAsUndefined, errnoOf, systemError } from "../system-error.ts";
import { reclaimTrees } from "../trees/reclaim-trees.ts";
import { removeTrees } from "../trees/remove-trees.ts";
import { layerSweeper, restoreHiddenOfDead } from "./layer-sweeper.ts";
import { prepareLayer, remakeLayer } from "./prepare-layer.ts";
import { flushFileSystem, isSettled, isTrusted, markSettled, unsettled } from "./settled.ts";

/** What is known of a layer that is there. */
export interface LayerRecord {
  readonly chainId: Digest;
  readonly createdMs: number;
  /** The caller's own words about it, given at `commit`. */
  readonly info: Readonly<Record<string, unknown>>;
  /** The boot whose kernel was left to write it to the disk; absent when it was flushed before it was committed. */
  readonly unflushedIn?: string;
}

/** How to commit. */
export interface CommitOptions {
  /**
   * False: the tree can be made again from a blob that is on the disk, so nobody waits until the tree is there, too. It is believed
   * until the machine goes down, and afterwards only if it was settled before.
   */
  readonly flush?: boolean | undefined;
  /** The layer said what its root is like. Otherwise that is as in the parent, which must have been committed by now. */
  readonly rootIsNamed?: boolean | undefined;
}

/** A layer in the making: fill `hostPath` through steps, then commit or abort. Disposing aborts if neither was done. */
export interface LayerStaging extends AsyncDisposable {
  /** The empty tree, with the root attributes of the parent layer if that is there. */
  readonly hostPath: string;
  /** A path for a directory beside it, for `applyLayer`. */
  readonly spoolPath: string;
  /** Publishes the tree. When another process was faster, its tree stays and this one is removed. */
  commit(info?: Readonly<Record<string, unknown>>, options?: CommitOptions): Promise<void>;
  /** Removes the tree. */
  abort(): Promise<void>;
}

/** Options of `prepare`. */
export interface PrepareOptions {
  /** The layer beneath, which may be committed later, but before this one; absent for the lowest. */
  readonly parent?: Digest | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Unpacked layers, by chain id. */
export interface Layers {
  /** The record of a layer; undefined when it is not there whole, or when the machine went down before it was on the disk. */
  get(chainId: Digest): Promise<LayerRecord | undefined>;
  /** Which of some layers cannot be mounted as they are, and have to be made first. Looks at once, as each start does it. */
  missing(chainIds: readonly Digest[]): Digest[];
  /** Brings layers to the disk that were committed without, so that the next boot need not make them again. */
  settle(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** The host path of a layer's tree, there or not. */
  treePath(chainId: Digest): string;
  /** Two directories that stay empty, for `rootMount`. */
  readonly emptyPaths: readonly [string, string];
  /** Makes the empty directories; preparing a layer or a container does it too. */
  makeEmpty(): Promise<void>;
  /** Begins a layer; undefined when it is there, perhaps after waiting for another process that was making it. */
  prepare(chainId: Digest, options?: PrepareOptions): Promise<LayerStaging | undefined>;
  /** Begins a layer anew, though it is there: its commit takes the place of a damaged one, which nothing may use meanwhile. */
  remake(chainId: Digest, options?: PrepareOptions): Promise<LayerStaging>;
  list(): AsyncIterable<LayerRecord>;
  /** The chain ids of all layers, whole or not. */
  listIds(): Promise<Digest[]>;
  /** Removes a layer; false when it was not there. The caller knows that nothing uses it. */
  delete(chainId: Digest): Promise<boolean>;
  /** Removes what dead processes left unfinished. */
  reclaim(): Promise<void>;
  /** For `collectGarbage`. */
  readonly sweeper: Sweeper;
}

/** The directories of the layer store. */
export interface LayerPaths {
  readonly directory: string;
  readonly staging: string;
  readonly empty: readonly [string, string];
}

/**
 * Opens a layer store: `<chain id in hex>/tree` beside `<chain id in hex>/record.json`; unfinished ones in `staging/`.
 * A layer's directory appears by one rename when all of it is on disk. Trees are untrusted: they are filled and removed
 * by steps through `perform`, never by this process.
 *
 * @example
 * const layers = openLayers("/var/lib/galley/layers", { perform });
 * await using staging = await layers.prepare(chainId, { parent });
 * if (staging) {
 *   await applyLayer(staging.hostPath, (root) => layerSteps(tar, { root }), { perform });
 *   await staging.commit();
 * }
 */
export function openLayers(directory: string, { perform }: { readonly perform: Perform }): Layers {
  const paths: LayerPaths = {
    directory,
    staging: `${directory}/staging`,
    empty: [`${directory}/empty/0`, `${directory}/empty/1`],
  };
  return {
    emptyPaths: paths.empty,
    makeEmpty: () => makeEmpty(paths),
    get: (chainId) => readLayerRecord(paths, chainId),
    missing: (chainIds) => chainIds.filter((chainId) => !isThereNow(paths, chainId)),
    settle: ({ signal } = {}) => settle(paths, { perform, signal }),
    treePath: (chainId) => `${layerPath(paths, chainId)}/tree`,
    prepare: (chainId, options = {}) => prepareLayer(chainId, { ...options, paths, perform }),
    remake: (chainId, options = {}) => remakeLayer(chainId, { ...options, paths, perform }),
    list: () => listLayers(paths),
    listIds: () => listLayerIds(paths),
    delete: (chainId) => deleteLayer(paths, chainId, perform),
    reclaim: async () => {
      await restoreHiddenOfDead(paths);
      await reclaimTrees(paths.staging, { perform });
    },
    sweeper: layerSweeper(paths, { perform }),
  };
}

/** Makes the directories that stay empty. */
export async function makeEmpty({ empty }: LayerPaths): Promise<void> {
  for (const path of empty) if (!existsSync(path)) await mkdir(path, { recursive: true, mode: 0o755 });
}

/** Where a layer lies. The digest is parsed again, because a path is made from it. */
export function layerPath(paths: LayerPaths, chainId: Digest): string {
  return `${paths.directory}/${digestHex(parseDigest(chainId))}`;
}

/** Reads a record; undefined when the layer is not there, or is not to be believed. */
export async function readLayerRecord(paths: LayerPaths, chainId: Digest): Promise<LayerRecord | undefined> {
  const directory = layerPath(paths, chainId);
  const text = await absentAsUndefined(readFile(`${directory}/record.json`, "utf8"));
  return text === undefined ? undefined : checkedRecord(directory, chainId, text);
}

/** What a cut has left of the record of a layer that was not settled is no damage: the layer is made again. */
function checkedRecord(directory: string, chainId: Digest, text: string): LayerRecord | undefined {
  const record = text.length > maxLayerRecordBytes ? undefined : parseJson(text);
  if (record?.chainId === chainId) return isTrusted(directory, record.unflushedIn) ? record : undefined;
  if (!isSettled(directory)) return undefined;
  throw galleyError("corrupt", "storage.layer-record", `the record of layer ${chainId} is damaged`);
}

/** A layer with a damaged record is left to `checkStorage`. */
function isThereNow(paths: LayerPaths, chainId: Digest): boolean {
  const directory = layerPath(paths, chainId);
  try {
    return checkedRecord(directory, chainId, readFileSync(`${directory}/record.json`, "utf8")) !== undefined;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function settle(
  { directory }: LayerPaths,
  options: { readonly perform: Perform; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const found = await unsettled(directory, async (layerDirectory) => {
    const text = await absentAsUndefined(readFile(`${layerDirectory}/record.json`, "utf8"));
    return text === undefined ? undefined : parseJson(text)?.unflushedIn;
  });
  if (found.length === 0) return;
  await flushFileSystem(directory, options);
  for (const layerDirectory of found) await markSettled(layerDirectory);
}

function parseJson(text: string): LayerRecord | undefined {
  try {
    return JSON.parse(text) as LayerRecord;
  } catch {
    return undefined;
  }
}

async function* listLayers(paths: LayerPaths): AsyncIterable<LayerRecord> {
  for (const chainId of await listLayerIds(paths)) {
    const record = await readLayerRecord(paths, chainId);
    if (record) yield record;
  }
}

/** The chain ids of all layer directories, whole or not. */
export async function listLayerIds(paths: LayerPaths): Promise<Digest[]> {
  const names = (await absentAsUndefined(readdir(paths.directory))) ?? [];
  return names.flatMap((hex) => {
    if (/^[0-9a-f]{64}$/.test(hex)) return [parseDigest(`sha256:${hex}`)];
    return /^[0-9a-f]{128}$/.test(hex) ? [parseDigest(`sha512:${hex}`)] : [];
  });
}

async function deleteLayer(paths: LayerPaths, chainId: Digest, perform: Perform): Promise<boolean> {
  const name = ownerTag(digestHex(parseDigest(chainId)));
  try {
    await mkdir(paths.staging, { recursive: true, mode: 0o700 });
    await rename(layerPath(paths, chainId), `${paths.staging}/${name}`);
    await syncDirectory(paths.directory);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw systemError(`delete layer ${chainId}`, error);
  }
  await removeTrees(paths.staging, [name], { perform });
  return true;
}
