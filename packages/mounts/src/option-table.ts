import type { FlagName } from "@galley/plan";

/** A mount attribute of the plan (mount_setattr(2)). */
export type MountFlag = FlagName<"mount">;

/** The three ways to keep access times exclude each other. */
export type AccessTime = "noAccessTime" | "relativeAccessTime" | "strictAccessTime";

/** What one option word means. */
export type OptionMeaning =
  | { readonly kind: "attribute"; readonly flag: Exclude<MountFlag, AccessTime>; readonly on: boolean }
  | { readonly kind: "accessTime"; readonly flag: AccessTime }
  | { readonly kind: "bind"; readonly recursive: boolean }
  | { readonly kind: "propagation"; readonly type: FlagName<"propagation">; readonly recursive: boolean }
  | { readonly kind: "remount" }
  | { readonly kind: "nothing" }
  /** Of the file system, not of the mount: fine for a new one, impossible for a bind. */
  | { readonly kind: "data" }
  | { readonly kind: "unsupported"; readonly why: string };

const attributes: Readonly<Record<string, readonly [Exclude<MountFlag, AccessTime>, boolean]>> = {
  ro: ["readOnly", true],
  rw: ["readOnly", false],
  nosuid: ["noSuid", true],
  suid: ["noSuid", false],
  nodev: ["noDev", true],
  dev: ["noDev", false],
  noexec: ["noExec", true],
  exec: ["noExec", false],
  nodiratime: ["noDirectoryAccessTime", true],
  diratime: ["noDirectoryAccessTime", false],
  nosymfollow: ["noSymlinkFollow", true],
  symfollow: ["noSymlinkFollow", false],
};

/** mount(8): `atime` and `nostrictatime` fall back to the kernel's default, relatime; without relatime every access counts. */
const accessTimes: Readonly<Record<string, AccessTime>> = {
  noatime: "noAccessTime",
  atime: "relativeAccessTime",
  relatime: "relativeAccessTime",
  norelatime: "strictAccessTime",
  strictatime: "strictAccessTime",
  nostrictatime: "relativeAccessTime",
};

const superblock: readonly string[] = [
  "sync",
  "async",
  "dirsync",
  "lazytime",
  "nolazytime",
  "mand",
  "nomand",
  "iversion",
  "noiversion",
];

const unsupported: Readonly<Record<string, string>> = {
  idmap: "mounts with their own id map are not supported",
  ridmap: "mounts with their own id map are not supported",
  tmpcopyup: "copying the image's files into a new tmpfs is not supported",
  "copy-up": "copying the image's files into a new tmpfs is not supported",
  silent: "the kernel's messages about a mount cannot be switched",
  loud: "the kernel's messages about a mount cannot be switched",
};

/** Words come from outside: `constructor` and `__proto__` are in no table. */
function own<T>(table: Readonly<Record<string, T>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** Meaning of an option without its `r`; `recursive` says whether it had one. */
export function plainMeaning(word: string): OptionMeaning {
  const attribute = own(attributes, word);
  if (attribute) return { kind: "attribute", flag: attribute[0], on: attribute[1] };
  const accessTime = own(accessTimes, word);
  if (accessTime) return { kind: "accessTime", flag: accessTime };
  if (word === "bind" || word === "rbind") return { kind: "bind", recursive: word === "rbind" };
  if (isPropagation(word)) return { kind: "propagation", type: word, recursive: false };
  if (word === "remount") return { kind: "remount" };
  if (word === "defaults") return { kind: "nothing" };
  const refusal = own(unsupported, word);
  return refusal === undefined ? { kind: "data" } : { kind: "unsupported", why: refusal };
}

/** Meaning of `rro`, `rslave` and their like; undefined for a word that is no recursive form. */
export function recursiveMeaning(word: string): OptionMeaning | undefined {
  if (!word.startsWith("r") || word === "ro" || word === "rw" || word === "relatime" || word === "remount")
    return undefined;
  const meaning = plainMeaning(word.slice(1));
  if (meaning.kind === "propagation") return { ...meaning, recursive: true };
  return meaning.kind === "attribute" || meaning.kind === "accessTime" ? meaning : undefined;
}

/** Every word with a meaning of its own, as `features` of a runtime lists them. */
export const knownOptions: readonly string[] = [
  ...[...Object.keys(attributes), ...Object.keys(accessTimes)].flatMap((word) => [word, `r${word}`]),
  ...["private", "slave", "shared", "unbindable"].flatMap((word) => [word, `r${word}`]),
  ...["bind", "rbind", "remount", "defaults"],
  ...superblock,
].sort();

function isPropagation(word: string): word is FlagName<"propagation"> {
  return word === "private" || word === "slave" || word === "shared" || word === "unbindable";
}
