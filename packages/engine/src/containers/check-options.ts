import { isAbsolute, normalize } from "node:path";
import { galleyError } from "@galley/spec";
import { hostStatus } from "../host-files.ts";
import type { CreateContainerOptions } from "./options.ts";
import { signalNumber } from "./signal-number.ts";

/** The least memory with which a container starts at all, as in podman's runtimes. */
const leastMemoryBytes = 4 * 1024 * 1024;

/**
 * Checks what the types cannot say.
 *
 * @throws invalid engine.bad-option, engine.bad-signal; not-found engine.missing-source
 */
export function checkOptions(options: CreateContainerOptions): void {
  if (hasNul(options)) throw badOption("no option may hold a NUL character");
  checkResources(options);
  checkFiles(options);
  if (options.process?.workingDirectory !== undefined) checkAbsolute(options.process.workingDirectory);
  if (options.life?.stopSignal) signalNumber(options.life.stopSignal);
}

/**
 * Whether a source of a bind mount is a directory.
 *
 * @throws not-found engine.missing-source; forbidden, invalid where it cannot be looked at
 */
export function sourceKind(hostPath: string): "file" | "directory" {
  const found = hostStatus(hostPath);
  if (found) return found.isDirectory() ? "directory" : "file";
  throw galleyError("not-found", "engine.missing-source", `statfs ${hostPath}: no such file or directory`);
}

/** Texts end at a NUL for the kernel, and would mean something else there. */
function hasNul(value: unknown): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, each]) => key.includes("\0") || hasNul(each));
}

function checkFiles({ files: { binds = [], tmpfs = [] } = {} }: CreateContainerOptions): void {
  const taken = new Set<string>();
  for (const { containerPath } of [...binds, ...tmpfs]) {
    checkAbsolute(containerPath);
    const destination = normalize(`${containerPath}/`);
    if (taken.has(destination)) throw badOption(`${containerPath}: duplicate mount destination`);
    taken.add(destination);
  }
  for (const { hostPath } of binds) {
    if (!isAbsolute(hostPath)) throw badOption(`source ${JSON.stringify(hostPath)} of a bind mount is not absolute`);
    sourceKind(hostPath);
  }
}

function checkResources({ resources = {} }: CreateContainerOptions): void {
  const { memoryBytes, memorySwapBytes, cpus, pidsLimit } = resources;
  if (memoryBytes !== undefined && memoryBytes < leastMemoryBytes)
    throw badOption(`memory limit ${memoryBytes} is under ${leastMemoryBytes} bytes`);
  if (memorySwapBytes !== undefined && memorySwapBytes !== -1 && memorySwapBytes < (memoryBytes ?? 0)) {
    throw badOption("minimum memory and swap limit should be larger than the memory limit");
  }
  if (memorySwapBytes !== undefined && memoryBytes === undefined)
    throw badOption("a memory and swap limit needs a memory limit");
  if (cpus !== undefined && (cpus < 0 || !Number.isFinite(cpus) || (cpus > 0 && cpus < 0.01)))
    throw badOption(`cpus ${cpus} is under 0.01`);
  if (pidsLimit !== undefined && pidsLimit < -1) throw badOption(`pids limit ${pidsLimit} is under -1`);
}

function checkAbsolute(containerPath: string): void {
  if (!isAbsolute(containerPath))
    throw badOption(`path ${JSON.stringify(containerPath)} inside the container is not absolute`);
}

function badOption(message: string): Error {
  return galleyError("invalid", "engine.bad-option", message);
}
