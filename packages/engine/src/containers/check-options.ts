import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { galleyError } from "@galley/spec";
import type { CreateContainerOptions } from "./options.ts";

/** The least memory with which a container starts at all, as in podman's runtimes. */
const leastMemoryBytes = 4 * 1024 * 1024;

/**
 * Checks what the types cannot say.
 *
 * @throws invalid engine.bad-option; not-found engine.missing-source
 */
export function checkOptions(options: CreateContainerOptions): void {
  checkResources(options);
  for (const { hostPath, containerPath } of options.files?.binds ?? []) {
    checkAbsolute(containerPath);
    sourceKind(hostPath);
  }
  for (const { containerPath } of options.files?.tmpfs ?? []) checkAbsolute(containerPath);
  if (options.process?.workingDirectory !== undefined) checkAbsolute(options.process.workingDirectory);
}

/**
 * Whether a source of a bind mount is a directory.
 *
 * @throws not-found engine.missing-source
 */
export function sourceKind(hostPath: string): "file" | "directory" {
  const found = statSync(hostPath, { throwIfNoEntry: false });
  if (found) return found.isDirectory() ? "directory" : "file";
  throw galleyError("not-found", "engine.missing-source", `statfs ${hostPath}: no such file or directory`);
}

function checkResources({ resources = {} }: CreateContainerOptions): void {
  const { memoryBytes, memorySwapBytes, cpus, pidsLimit } = resources;
  if (memoryBytes !== undefined && memoryBytes < leastMemoryBytes) throw badOption(`memory limit ${memoryBytes} is under ${leastMemoryBytes} bytes`);
  if (memorySwapBytes !== undefined && memorySwapBytes !== -1 && memorySwapBytes < (memoryBytes ?? 0)) {
    throw badOption("minimum memory and swap limit should be larger than the memory limit");
  }
  if (memorySwapBytes !== undefined && memoryBytes === undefined) throw badOption("a memory and swap limit needs a memory limit");
  if (cpus !== undefined && (cpus < 0 || !Number.isFinite(cpus) || (cpus > 0 && cpus < 0.01))) throw badOption(`cpus ${cpus} is under 0.01`);
  if (pidsLimit !== undefined && pidsLimit < -1) throw badOption(`pids limit ${pidsLimit} is under -1`);
}

function checkAbsolute(containerPath: string): void {
  if (!isAbsolute(containerPath)) throw badOption(`path ${JSON.stringify(containerPath)} inside the container is not absolute`);
}

function badOption(message: string): Error {
  return galleyError("invalid", "engine.bad-option", message);
}
