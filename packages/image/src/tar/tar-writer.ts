import { encodeName, galleyError } from "@galley/spec";
import { blockBytes } from "./tar-header.ts";

/** An entry to write. Numbers that are left out are 0, the mode 0644 or 0755. */
export interface TarEntry {
  readonly path: string;
  readonly type: keyof typeof flags;
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly seconds?: number | undefined;
  readonly nanoseconds?: number | undefined;
  readonly sizeBytes?: number | undefined;
  /** Of symbolic and hard links. */
  readonly target?: string | undefined;
  readonly major?: number | undefined;
  readonly minor?: number | undefined;
  readonly xattrs?: Readonly<Record<string, Uint8Array | string>> | undefined;
}

const flags = { file: "0", link: "1", symlink: "2", character: "3", block: "4", directory: "5", fifo: "6" } as const;

/** The two empty blocks that end an archive. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockBytes);

/** The header blocks of an entry: ustar, with a pax header before it where ustar has no room. */
export function* tarEntry(entry: TarEntry): Iterable<Uint8Array> {
  const path = entry.type === "directory" && !entry.path.endsWith("/") ? `${entry.path}/` : entry.path;
  const records = paxRecordsOf({ ...entry, path });
  if (records.length > 0) {
    const body = Buffer.concat(records);
    yield headerBlock({ ...entry, path: "pax", target: "" }, { flag: "x", sizeBytes: body.length });
    yield body;
    yield new Uint8Array((blockBytes - (body.length % blockBytes)) % blockBytes);
  }
  yield headerBlock({ ...entry, path }, { flag: flags[entry.type], sizeBytes: entry.sizeBytes ?? 0 });
}

function paxRecordsOf({
  path,
  target = "",
  uid = 0,
  gid = 0,
  sizeBytes = 0,
  seconds = 0,
  nanoseconds = 0,
  xattrs = {},
}: TarEntry): Uint8Array[] {
  const plain = (text: string) => /^[\x20-\x7e]{0,100}$/.test(text);
  const records: Uint8Array[] = [];
  const add = (key: string, value: Uint8Array | string) => records.push(paxRecord(key, value));
  // pax(1): without this record names are UTF-8.
  if (!path.isWellFormed() || !target.isWellFormed()) add("hdrcharset", "BINARY");
  if (!plain(path)) add("path", path);
  if (!plain(target)) add("linkpath", target);
  if (uid > 0o7777777) add("uid", String(uid));
  if (gid > 0o7777777) add("gid", String(gid));
  if (sizeBytes > 0o77777777777) add("size", String(sizeBytes));
  if (nanoseconds > 0) add("mtime", paxTime(seconds, nanoseconds));
  else if (seconds < 0 || seconds > 0o77777777777) add("mtime", String(seconds));
  for (const name of Object.keys(xattrs).sort()) add(`SCHILY.xattr.${name}`, xattrs[name] ?? "");
  return records;
}

/** A fraction counts away from 0 in text, and forward in `nanoseconds`. */
function paxTime(seconds: number, nanoseconds: number): string {
  const fraction = (count: number) => String(count).padStart(9, "0");
  return seconds < 0 ? `-${-seconds - 1}.${fraction(1e9 - nanoseconds)}` : `${seconds}.${fraction(nanoseconds)}`;
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
export function paxRecord(key: string, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === "string" ? encodeName(value) : value;
  const named = encodeName(`${key}=`);
  const rest = named.length + bytes.length + 2;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} `), named, bytes, Buffer.from("\n")]);
}

function headerBlock(entry: TarEntry, { flag, sizeBytes }: { flag: string; sizeBytes: number }): Uint8Array {
  const block = Buffer.alloc(blockBytes);
  const text = (value: string, at: number, length: number) => block.write(truncated(value, length), at, "latin1");
  const number = (value: number, at: number, length: number) => text(octal(value, length), at, length);
  text(ascii(entry.path), 0, 100);
  number((entry.mode ?? (entry.type === "directory" ? 0o755 : 0o644)) & 0o7777, 100, 8);
  number(entry.uid ?? 0, 108, 8);
  number(entry.gid ?? 0, 116, 8);
  number(sizeBytes, 124, 12);
  number(Math.max(0, entry.seconds ?? 0), 136, 12);
  text(flag, 156, 1);
  text(ascii(entry.target ?? ""), 157, 100);
  text("ustar\x0000", 257, 8);
  number(entry.major ?? 0, 329, 8);
  number(entry.minor ?? 0, 337, 8);
  const sum = block.reduce((total, byte) => total + byte, 8 * 0x20);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

/** What ustar cannot hold is in the pax header; here it is cut short for readers that know no pax. */
function truncated(text: string, length: number): string {
  return text.slice(0, length);
}

function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "_");
}

function octal(value: number, length: number): string {
  if (value < 0 || !Number.isSafeInteger(value))
    throw galleyError("invalid", "image.tar-number", `not a number for a tar header: ${value}`);
  const digits = value.toString(8);
  return digits.length < length ? `${digits.padStart(length - 1, "0")}\0` : `${"7".repeat(length - 1)}\0`;
}
