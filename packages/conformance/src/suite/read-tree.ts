import { type BigIntStats, type Dirent, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { decodeName, encodeName } from "@galley/spec";
import { fileText } from "./file-text.ts";
import { type AttributesByPath, readAttributes } from "./read-attributes.ts";

/** A tree as text: one line for each name, "." for the root. */
export type TreeLines = Readonly<Record<string, string>>;

/** How to read a tree. */
export interface ReadTreeOptions {
  /** Times from this one on, for an hour, are written as "now". */
  readonly nowSeconds?: number;
  /** Tell inode numbers and exact times, so that a file that was replaced by its like is told from it. */
  readonly identity?: boolean;
}

/**
 * What a directory holds, a line for each name: type, mode, owner unless root, time unless 1970, content or target or device,
 * extended attributes. Names of one file share a line with the first of them. Needs getfattr(1).
 *
 * @example
 * readTree("/tmp/unpacked"); // { ".": "dir 755", "a": "file 644 \"hello\"", "b": "same as a", "c": "link \"a\" @12.5" }
 */
export function readTree(hostPath: string, options: ReadTreeOptions = {}): TreeLines {
  const attributes = readAttributes(hostPath);
  const seen = new Map<bigint, string>();
  const lines: Record<string, string> = {};
  for (const path of pathsOf(hostPath)) {
    const place = hostPathOf(hostPath, path);
    const status = lstatSync(place, { bigint: true });
    const first = status.nlink > 1n && !status.isDirectory() ? seen.get(status.ino) : undefined;
    seen.set(status.ino, path);
    lines[path] =
      first === undefined ? line({ path, place, status, attributes }, options) : `same as ${JSON.stringify(first)}`;
    if (first !== undefined) seen.set(status.ino, first);
  }
  return lines;
}

function hostPathOf(hostPath: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${hostPath}/`), encodeName(path)]);
}

/** All names, in the order of their bytes. */
function pathsOf(hostPath: string): string[] {
  const found: Buffer[] = [];
  const visit = (directory: Buffer): void => {
    const place = Buffer.concat([Buffer.from(`${hostPath}/`), directory]);
    for (const entry of readdirSync(place, { withFileTypes: true, encoding: "buffer" }) as Dirent<Buffer>[]) {
      const path = directory.length === 0 ? entry.name : Buffer.concat([directory, Buffer.from("/"), entry.name]);
      found.push(path);
      if (entry.isDirectory()) visit(path);
    }
  };
  visit(Buffer.alloc(0));
  return [".", ...found.sort(Buffer.compare).map(decodeName)];
}

interface Place {
  readonly path: string;
  readonly place: Buffer;
  readonly status: BigIntStats;
  readonly attributes: AttributesByPath;
}

function line({ path, place, status, attributes }: Place, options: ReadTreeOptions): string {
  const xattrs = { ...attributes.get(path) };
  if (status.isCharacterDevice() && status.rdev === 0n) return "whiteout";
  const opaque = xattrs["trusted.overlay.opaque"] === "y" || xattrs["user.overlay.opaque"] === "y";
  delete xattrs["trusted.overlay.opaque"];
  delete xattrs["user.overlay.opaque"];
  const words = [
    typeWord(status),
    status.isSymbolicLink() ? undefined : (Number(status.mode) & 0o7777).toString(8),
    what(place, status),
    status.uid === 0n && status.gid === 0n ? undefined : `${status.uid}:${status.gid}`,
    timeWord(status.mtimeNs, options),
    options.identity ? `inode ${status.ino} links ${status.isDirectory() ? "-" : status.nlink}` : undefined,
    opaque ? "opaque" : undefined,
    ...Object.entries(xattrs).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
  ];
  return words.filter((word) => word !== undefined).join(" ");
}

function typeWord(status: BigIntStats): string {
  if (status.isFile()) return "file";
  if (status.isDirectory()) return "dir";
  if (status.isSymbolicLink()) return "link";
  if (status.isCharacterDevice()) return "char";
  if (status.isBlockDevice()) return "block";
  return status.isFIFO() ? "fifo" : "socket";
}

function what(place: Buffer, status: BigIntStats): string | undefined {
  if (status.isFile()) return fileText(place, Number(status.size), Number(status.blocks) * 512);
  if (status.isSymbolicLink()) return JSON.stringify(decodeName(readlinkSync(place, { encoding: "buffer" })));
  if (!status.isCharacterDevice() && !status.isBlockDevice()) return undefined;
  // makedev(3): the bits of both numbers are interleaved.
  const major = ((status.rdev >> 8n) & 0xfffn) | ((status.rdev >> 32n) & 0xfffff000n);
  const minor = (status.rdev & 0xffn) | ((status.rdev >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

/** 1970 is the time of entries that name none. */
function timeWord(mtimeNs: bigint, { nowSeconds, identity }: ReadTreeOptions): string | undefined {
  if (mtimeNs === 0n) return undefined;
  const seconds = mtimeNs / 1_000_000_000n - (mtimeNs % 1_000_000_000n < 0n ? 1n : 0n);
  const age = Number(seconds) - (nowSeconds ?? Number.POSITIVE_INFINITY);
  if (!identity && age >= 0 && age < 3600) return "@now";
  const nanoseconds = mtimeNs - seconds * 1_000_000_000n;
  return `@${seconds}${nanoseconds === 0n ? "" : `+${nanoseconds}ns`}`;
}
