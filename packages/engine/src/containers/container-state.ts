import { readFileSync } from "node:fs";
import { type ExitRecord, type PidRecord, parseExitRecord, parsePidRecord } from "@galley/keeper";
import { isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { bootId, isAlive, isLocked } from "../host.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import type { ContainerExit, ContainerRecord, ContainerStart } from "./container-record.ts";
import { wasOutOfMemory } from "./out-of-memory.ts";

/** What a container is doing. */
export type ContainerStatus = "created" | "starting" | "running" | "exited";

/** A container's state, derived from what the kernel and the keeper's records say now. */
export interface ContainerState {
  readonly status: ContainerStatus;
  /** Process 1 of the container and its keeper, while running. */
  readonly process?: PidRecord;
  readonly exit?: ContainerExit;
  readonly startedAtMs?: number;
}

/**
 * The state of a container now. It writes nothing and takes no lock. A keeper that died takes no exit code with it into
 * a silent 0: the container then runs on, or has exited with a code that nobody knows.
 */
export function containerState(engine: Engine, record: ContainerRecord): ContainerState {
  const { start } = record;
  if (!start) return { status: "created" };
  const started = { startedAtMs: start.startedAtMs };
  if (record.exit) return { status: "exited", exit: record.exit, ...started };
  const exit = readExit(engine, record.id, start);
  if (exit) return { status: "exited", exit, ...started };
  if (!start.stamp.startsWith(bootId())) return { status: "exited", exit: unseen, ...started }; // the host was restarted
  const process = readPidRecord(engine, record.id, start);
  if (process && isKept(process)) return { status: "running", process, ...started };
  if (!process && isBeingStarted(engine, record.id, start)) return { status: "starting", ...started };
  // Since the first look the keeper may have written its last word.
  const late = readExit(engine, record.id, start);
  if (!process && !late) return { status: "created" }; // whoever was starting it died before anything ran
  return { status: "exited", exit: late ?? unseen, ...started };
}

/** An end that nobody saw. */
const unseen: ContainerExit = { outOfMemory: false };

/** Whoever starts it locks the run directory before it survives its caller, and holds the lock as the keeper. */
function isBeingStarted(engine: Engine, id: string, { starter }: ContainerStart): boolean {
  return isAlive(starter) || isLocked(containerPlaces(engine, id).runDirectory);
}

/** Until the keeper has written how it ended, a container is not over; without its keeper it is while its process lives. */
function isKept({ child, childStart, keeper, keeperStart }: PidRecord): boolean {
  return isAlive({ pid: child, startTicks: childStart }) || isAlive({ pid: keeper, startTicks: keeperStart });
}

function readExit(engine: Engine, id: string, start: ContainerStart): ContainerExit | undefined {
  const record = read(`${containerPlaces(engine, id).keepDirectory}/${fileNames.exit}`, parseExitRecord);
  return record && record.stamp === start.stamp ? exitOf(record) : undefined;
}

/** What a keeper's exit record means. */
export function exitOf(record: ExitRecord): ContainerExit {
  return { code: record.code, finishedAtMs: Date.parse(record.finishedAt), outOfMemory: wasOutOfMemory(record) };
}

function readPidRecord(engine: Engine, id: string, start: ContainerStart): PidRecord | undefined {
  const record = read(`${containerPlaces(engine, id).runDirectory}/${fileNames.pid}`, parsePidRecord);
  return record?.stamp === start.stamp ? record : undefined;
}

/** A record that is not there, or cut off by a full disk, says nothing. */
function read<Value>(path: string, parse: (text: string) => Value): Value | undefined {
  try {
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (isGalleyError(error, "corrupt") || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
