import { errnoName } from "./errno-name.ts";
import type { Facts } from "./facts.ts";
import type { DescriptorReport, FileReport, PathReport, Report } from "./report.ts";

/** Descriptors, everything in /dev, and what can be done with the paths that were asked about. */
export function fileFacts({ descriptors, devices, paths }: Report): Facts {
  return {
    ...factsOf("descriptor", descriptors, describeDescriptor),
    ...factsOf("device", devices, describeFile),
    ...factsOf("path", paths, describePath),
  };
}

function factsOf<T>(kind: string, all: Readonly<Record<string, T>>, describe: (one: T) => string): Facts {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [`${kind} ${name}`, describe(one)]));
}

function describeFile(file: FileReport): string {
  const device = file.major === undefined ? "" : ` ${file.major}:${file.minor} of ${file.home}`;
  const target = file.target === undefined ? "" : ` to ${file.target}`;
  return `${file.kind}${device} ${octal(file.mode)} ${file.uid}:${file.gid}${target}`;
}

const accesses = ["read", "write", "read and write"];

/** Pipes and sockets are told apart by inode numbers, which say nothing. */
function describeDescriptor({ target = "", ...descriptor }: DescriptorReport): string {
  const { access, closedByExec, rows, columns } = descriptor;
  const named = { ...descriptor, target: target.replace(/:\[\d+\]$/, "") };
  const flags = access & ~3 ? ` flags 0${(access & ~3).toString(8)}` : "";
  const size = rows === undefined ? "" : `, terminal of ${rows} rows and ${columns} columns`;
  return `${describeFile(named)}, ${accesses[access & 3]}${flags}${closedByExec ? ", closed by exec" : ""}${size}`;
}

function describePath(path: PathReport): string {
  if (path.seen !== undefined) return errnoName(path.seen);
  const read =
    path.read === "ok" ? (path.holds ? "can be read" : "reads as empty") : `read ${errnoName(path.read ?? "")}`;
  const write = path.write === "ok" ? "can be written" : `write ${errnoName(path.write ?? "")}`;
  return `${describeFile(path as FileReport)}, ${read}, ${write}`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
