import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readTree, type TreeLines } from "./read-tree.ts";

/** A tree beside the one that is unpacked into: nothing in it may change, and nothing may be mounted near it. */
export interface Canary {
  readonly hostPath: string;
  /** What has changed since it was made; empty when nothing has. */
  changes(): readonly string[];
}

/**
 * Makes a canary: a file, a directory with a file, a symbolic link, a fifo and a setuid file.
 *
 * @param hostPath a directory that does not exist yet
 *
 * @example
 * const canary = makeCanary("/tmp/scratch/canary");
 * await extract(archive, "/tmp/scratch/store/tree");
 * console.log(canary.changes());
 */
export function makeCanary(hostPath: string): Canary {
  mkdirSync(join(hostPath, "directory"), { recursive: true });
  writeFileSync(join(hostPath, "victim"), "untouched", { mode: 0o640 });
  writeFileSync(join(hostPath, "directory/inside"), "untouched, too");
  writeFileSync(join(hostPath, "setuid"), "#!/bin/false\n");
  chmodSync(join(hostPath, "setuid"), 0o4755);
  symlinkSync("victim", join(hostPath, "link"));
  execFileSync("mkfifo", [join(hostPath, "fifo")]);
  utimesSync(join(hostPath, "victim"), 1000, 1000);
  const before = snapshot(hostPath);
  return { hostPath, changes: () => differences(before, snapshot(hostPath)) };
}

function snapshot(hostPath: string): TreeLines {
  const beside = dirname(hostPath);
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((mount) => mount.includes(beside));
  return {
    ...readTree(hostPath, { identity: true }),
    ...Object.fromEntries(mounts.map((mount) => [mount, "mounted"])),
  };
}

/** What two trees say differently, name by name. */
export function differences(wanted: TreeLines, found: TreeLines): readonly string[] {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)]);
  return [...names]
    .filter((name) => wanted[name] !== found[name])
    .map((name) => `${JSON.stringify(name)}: ${wanted[name] ?? "nothing"} became ${found[name] ?? "nothing"}`);
}
