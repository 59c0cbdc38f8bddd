import { isAbsolute, resolve } from "node:path";
import { badValue } from "../flags/usage-error.ts";

/** A file system in memory. */
export interface ParsedTmpfs {
  readonly containerPath: string;
  readonly options: readonly string[];
}

const words = new Set([
  ...[
    "ro",
    "rw",
    "exec",
    "noexec",
    "dev",
    "nodev",
    "suid",
    "nosuid",
    "sync",
    "dirsync",
    "noatime",
    "relatime",
    "nodiratime",
  ],
]);
/** tmpfs(5) */
const valued = /^(size|mode|uid|gid|nr_inodes|nr_blocks)=[0-9a-zA-Z%]+$/;
/** podman's words for copying what lies under the mount point; nothing is copied here, as in docker. */
const withoutMeaning = new Set(["tmpcopyup", "notmpcopyup"]);

/** One `--tmpfs`: PATH[:OPTIONS]. `parseTmpfs("/tmp:size=64m,noexec")` */
export function parseTmpfs(given: string): ParsedTmpfs {
  const colon = given.indexOf(":");
  const path = colon < 0 ? given : given.slice(0, colon);
  if (!isAbsolute(path)) throw badValue(`invalid container path ${JSON.stringify(path)}, must be an absolute path`);
  const options =
    colon < 0
      ? []
      : given
          .slice(colon + 1)
          .split(",")
          .filter((word) => word !== "" && !withoutMeaning.has(word));
  const stranger = options.find((word) => !words.has(word) && !valued.test(word));
  if (stranger !== undefined) throw badValue(`unknown mount option ${JSON.stringify(stranger)}: invalid mount option`);
  return { containerPath: resolve(path), options };
}
