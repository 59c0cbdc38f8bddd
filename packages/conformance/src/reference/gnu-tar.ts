import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Extractor } from "../suite/archive-suite.ts";

/** GNU tar with what it needs to keep all that a layer has; `trusting` lets it follow links and names out of the tree. */
export function gnuTar({ trusting = false }: { readonly trusting?: boolean } = {}): Extractor {
  const flags = [
    "-xpf",
    "-",
    "--numeric-owner",
    "--xattrs",
    "--xattrs-include=*",
    "--warning=none",
    ...(trusting ? ["-P"] : []),
  ];
  return {
    whiteouts: "applied",
    extract: async (archive, hostPath) => {
      // Its own directory as well: an archive may get out by /proc/self/cwd.
      const child = spawn("tar", flags, { cwd: hostPath, stdio: ["pipe", "ignore", "pipe"] });
      let said = "";
      child.stderr.on("data", (chunk) => {
        said += chunk;
      });
      const ended = once(child, "close");
      await pipeline(Readable.from(archive), child.stdin).catch(() => {});
      const [status] = await ended;
      if (status !== 0) throw new Error(said.split("\n")[0] || `status ${status}`);
    },
  };
}

/** Whether there is a GNU tar here. */
export function hasGnuTar(): boolean {
  try {
    return execFileSync("tar", ["--version"], { encoding: "utf8" }).includes("GNU tar");
  } catch {
    return false;
  }
}
