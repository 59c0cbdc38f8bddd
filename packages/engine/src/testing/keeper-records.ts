import { mkdirSync, writeFileSync } from "node:fs";
import type { ExitRecord, PidRecord } from "@galley/keeper";
import { containerPlaces, fileNames } from "../containers/container-places.ts";
import { type ContainerRecord, type ContainerStart, containerRecords } from "../containers/container-record.ts";
import type { Engine } from "../engine.ts";
import { bootId, ownIdentity, type ProcessIdentity } from "../host.ts";

/** A process that is not there: pid_max(5) is at most 2^22. */
export const nobody: ProcessIdentity = { pid: 2 ** 22 + 7, startTicks: 1 };

/** The start of a container by this very process, in this boot. */
export function aStart(change: Partial<ContainerStart> = {}): ContainerStart {
  return { stamp: `${bootId()} 0123456789abcdef`, startedAtMs: 1000, starter: ownIdentity(), ...change };
}

/** Records a container that has been started, or whatever `change` says. */
export function putContainer(engine: Engine, change: Partial<ContainerRecord> = {}): ContainerRecord {
  const record: ContainerRecord = {
    id: "c".repeat(64),
    name: "cook",
    imageId: "0".repeat(64),
    imageName: "docker.io/library/image:latest",
    createdAtMs: 500,
    options: { image: "image" },
    command: ["sh"],
    ...change,
  };
  return containerRecords(engine).put(record.id, record, { names: [record.name] }).value;
}

/** Writes what a keeper writes at the start; the child and the keeper are this very process unless said otherwise. */
export function writePid(
  engine: Engine,
  { id, start }: ContainerRecord,
  who: { child?: ProcessIdentity; keeper?: ProcessIdentity; stamp?: string } = {},
): void {
  const { child = ownIdentity(), keeper = child } = who;
  const record: PidRecord = {
    version: 1,
    keeper: keeper.pid,
    keeperStart: keeper.startTicks,
    child: child.pid,
    childStart: child.startTicks,
    stamp: who.stamp ?? start?.stamp ?? "",
  };
  write(containerPlaces(engine, id).runDirectory, fileNames.pid, `${JSON.stringify(record)}\n`);
}

/** Writes what a keeper writes at the end. */
export function writeExit(engine: Engine, { id, start }: ContainerRecord, change: Partial<ExitRecord> = {}): void {
  write(containerPlaces(engine, id).keepDirectory, fileNames.exit, exitText({ stamp: start?.stamp ?? "", ...change }));
}

/** The text of an exit record. */
export function exitText(change: Partial<ExitRecord> = {}): string {
  const record: ExitRecord = {
    version: 1,
    pid: 12,
    code: 0,
    signal: 0,
    coreDumped: false,
    startedAt: "2026-01-02T03:04:05.000000000+00:00",
    finishedAt: "2026-01-02T03:04:06.000000000+00:00",
    durationNs: 1_000_000_000,
    logLostBytes: 0,
    files: {},
    ...change,
  };
  return `${JSON.stringify(record)}\n`;
}

/** Writes a file of a container, whole or not. */
export function write(directory: string, name: string, text: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/${name}`, text);
}
