import type { ForgedEntry } from "./forged-entry.ts";

/** What else an entry may say. */
type More = Omit<ForgedEntry, "name" | "flag">;
type Name = string | Uint8Array;

/** A regular file, 0644. */
export function file(name: Name, content: ForgedEntry["content"] = "", more: More = {}): ForgedEntry {
  return { name, content, ...more };
}

/** A directory, 0755. */
export function directory(name: Name, more: More = {}): ForgedEntry {
  return { name, flag: "5", mode: 0o755, ...more };
}

/** A symbolic link. */
export function symlink(name: Name, linkName: Name, more: More = {}): ForgedEntry {
  return { name, flag: "2", mode: 0o777, linkName, ...more };
}

/** A hard link. */
export function hardLink(name: Name, linkName: Name, more: More = {}): ForgedEntry {
  return { name, flag: "1", linkName, ...more };
}

/** A character device, or with the flag "4" a block device. */
export function device(name: Name, [major, minor]: readonly [number, number], flag = "3"): ForgedEntry {
  return { name, flag, major, minor };
}

/** GNU tar's long name ("L") or long link name ("K"), to stand before an entry. */
export function gnuLong(flag: "L" | "K", text: string): ForgedEntry {
  return { name: "././@LongLink", flag, content: `${text}\0`, magic: "ustar  \0" };
}
