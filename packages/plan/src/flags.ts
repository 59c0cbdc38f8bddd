import { galleyError } from "@galley/spec";

/**
 * The plan's own flag bits. C maps them to the kernel's, because raw numbers differ between processors
 * (even O_DIRECTORY does). The position of a name is its bit; names are only ever appended.
 */
export const flagSets = {
  namespaces: ["user", "mount", "pid", "network", "uts", "ipc", "cgroup", "time"],
  open: [
    "read",
    "write",
    "append",
    "create",
    "exclusive",
    "truncate",
    "directory",
    "pathOnly",
    "noFollow",
    "nonBlocking",
  ],
  /** replace: what bears the name goes away first; keepDirectory: an existing directory stays. */
  place: ["replace", "keepDirectory"],
  attributes: ["owner", "mode", "times"],
  unlink: ["directory"],
  /** The file system that the file must be on. */
  write: ["proc", "cgroup", "sys", "truncate"],
  mount: [
    "readOnly",
    "noSuid",
    "noDev",
    "noExec",
    "noAccessTime",
    "strictAccessTime",
    "relativeAccessTime",
    "noDirectoryAccessTime",
    "noSymlinkFollow",
  ],
  tree: ["recursive", "noFollow"],
  propagation: ["private", "slave", "shared", "unbindable"],
  seccomp: ["log", "speculationAllowed", "threadSync"],
  label: ["exec", "key", "socket", "fileCreate"],
} as const;

/** The name of a flag set. */
export type FlagSetName = keyof typeof flagSets;

/** The names of one set. */
export type FlagName<Set extends FlagSetName> = (typeof flagSets)[Set][number];

/**
 * The bits of some names of a set, for example `flagBits("open", ["read", "directory"])` is 65.
 *
 * @throws kind `invalid` for a name that the set does not have
 */
export function flagBits(set: FlagSetName, names: readonly string[]): number {
  const known: readonly string[] = flagSets[set];
  return names.reduce((bits, name) => {
    const bit = known.indexOf(name);
    if (bit < 0) throw galleyError("invalid", "plan.invalid", `unknown flag ${name} of ${set}`);
    return bits | (1 << bit);
  }, 0);
}
