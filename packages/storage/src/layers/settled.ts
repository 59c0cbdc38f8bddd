import { existsSync, readFileSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { lane, type Perform, slot, stepper } from "@galley/plan";
import { wrapError } from "@galley/spec";
import { absentAsUndefined, errnoOf } from "../system-error.ts";

const step = stepper("storage");

let knownBootId: string | undefined;

/** Tells this boot from all others; the same everywhere where there is no such thing. */
export function bootId(): string {
  try {
    knownBootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    knownBootId = "unknown";
  }
  return knownBootId;
}

/** In a layer's directory: all of it was on the disk when this name was made. */
const mark = "settled";

/**
 * Whether a layer is what was committed. One that was not flushed is so for the boot that made it; after that a power cut may have
 * taken any part of it.
 *
 * @param unflushedIn the boot that left it to the kernel to write it; undefined when it was flushed before its commit
 */
export function isTrusted(layerDirectory: string, unflushedIn: string | undefined): boolean {
  return unflushedIn === undefined || unflushedIn === bootId() || isSettled(layerDirectory);
}

/** Whether the mark is there. */
export function isSettled(layerDirectory: string): boolean {
  return existsSync(`${layerDirectory}/${mark}`);
}

/** Marks a layer that is on the disk; the mark itself may be lost, the layer is then only made again. */
export async function markSettled(layerDirectory: string): Promise<void> {
  try {
    await writeFile(`${layerDirectory}/${mark}`, "", { flag: "wx" });
  } catch (error) {
    if (!["EEXIST", "ENOENT"].includes(errnoOf(error) ?? "")) throw error;
  }
}

/** Brings a file system to the disk, by its steps (syncfs(2)): Node cannot. */
export async function flushFileSystem(
  hostPath: string,
  { perform, signal }: { readonly perform: Perform; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const directory = slot("layers");
  const steps = [
    step("open", { path: hostPath, flags: ["read", "directory", "noFollow"], out: directory }, "open the layers"),
    step("syncFileSystem", { slot: directory }, "bring the layers to the disk"),
  ];
  try {
    await perform({ title: "flush the layers", lane: lane("flush", steps) }, signal ? { signal } : {}).ended;
  } catch (error) {
    throw wrapError(`flush ${hostPath}`, error);
  }
}

/** Which of some layer directories this boot has left to the kernel. */
export async function unsettled(
  directory: string,
  unflushedIn: (layerDirectory: string) => Promise<string | undefined>,
): Promise<string[]> {
  const names = ((await absentAsUndefined(readdir(directory))) ?? []).filter((name) => /^[0-9a-f]{64,128}$/.test(name));
  const found: string[] = [];
  for (const name of names) {
    const hostPath = `${directory}/${name}`;
    if (!isSettled(hostPath) && (await unflushedIn(hostPath)) === bootId()) found.push(hostPath);
  }
  return found;
}
