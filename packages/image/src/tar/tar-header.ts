import { decodeName } from "@galley/spec";
import { brokenTar } from "./tar-error.ts";
import type { TarHeader } from "./tar-event.ts";
import { octalNumber, paxNumber, paxTime, tarNumber } from "./tar-number.ts";
import { tarText } from "./tar-text.ts";

/** Bytes of a header and of every unit of an archive. */
export const blockBytes = 512;

/** A header block with the fields that are numbers and names; `storedBytes` follow it. */
export interface HeaderBlock extends TarHeader {
  readonly block: Uint8Array;
  readonly storedBytes: number;
}

/** What headers before this one said about it. */
export interface Overrides {
  readonly records: ReadonlyMap<string, Uint8Array>;
  readonly longName?: string | undefined;
  readonly longLinkName?: string | undefined;
}

/** Reads a header block: v7, ustar, pax, star and GNU. Throws corrupt `image.tar`. */
export function tarHeader(block: Uint8Array): HeaderBlock {
  checkSum(block);
  const flag = String.fromCharCode(block[156] ?? 0);
  const stored = tarNumber(block.subarray(124, 136));
  const named = tarText(block.subarray(0, 100));
  const prefix = tarText(block.subarray(345, 345 + prefixBytes(block)));
  const name = prefix === "" ? named : `${prefix}/${named}`;
  const devices = formatOf(block) !== "v7";
  if (stored < 0) throw brokenTar("an entry has a negative size");
  return {
    block,
    storedBytes: stored,
    sizeBytes: stored,
    name,
    linkName: tarText(block.subarray(157, 257)),
    flag: flag === "\0" ? (name.endsWith("/") ? "5" : "0") : flag,
    mode: tarNumber(block.subarray(100, 108)),
    uid: tarNumber(block.subarray(108, 116)),
    gid: tarNumber(block.subarray(116, 124)),
    seconds: tarNumber(block.subarray(136, 148)),
    nanoseconds: 0,
    major: devices ? tarNumber(block.subarray(329, 337)) : 0,
    minor: devices ? tarNumber(block.subarray(337, 345)) : 0,
    records: noRecords,
  };
}

const noRecords: ReadonlyMap<string, Uint8Array> = new Map();

/** Puts what went before into the header. A record with an empty value takes nothing's place; GNU's long names count over pax, as in Go. */
export function overridden(header: HeaderBlock, { records, longName, longLinkName }: Overrides): HeaderBlock {
  const given = <Value>(key: string, read: (bytes: Uint8Array, key: string) => Value, fallback: Value) => {
    const value = records.get(key);
    return value === undefined || value.length === 0 ? fallback : read(value, key);
  };
  const storedBytes = given("size", paxNumber, header.storedBytes);
  if (storedBytes < 0) throw brokenTar("an entry has a negative size");
  return {
    ...header,
    storedBytes,
    sizeBytes: storedBytes,
    name: longName ?? given("path", paxName, header.name),
    linkName: longLinkName ?? given("linkpath", paxName, header.linkName),
    uid: given("uid", paxNumber, header.uid),
    gid: given("gid", paxNumber, header.gid),
    ...given("mtime", paxTime, { seconds: header.seconds, nanoseconds: 0 }),
    records,
  };
}

function paxName(bytes: Uint8Array, key: string): string {
  if (bytes.includes(0)) throw brokenTar(`pax record ${key} holds a NUL`);
  return decodeName(bytes);
}

/** Both sums that programs have written: of unsigned and of signed bytes. The sum's own field counts as blanks. */
function checkSum(block: Uint8Array): void {
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < blockBytes; at += 1) {
    const byte = at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
    unsigned += byte;
    signed += (byte << 24) >> 24;
  }
  const found = octalNumber(block.subarray(148, 156));
  if (found !== unsigned && found !== signed) throw brokenTar("a header has a wrong checksum");
}

type Format = "v7" | "ustar" | "star" | "gnu";

function formatOf(block: Uint8Array): Format {
  const magic = Buffer.from(block.buffer, block.byteOffset + 257, 8).toString("latin1");
  if (magic === "ustar  \0") return "gnu";
  if (!magic.startsWith("ustar\0")) return "v7";
  const trailer = Buffer.from(block.buffer, block.byteOffset + 508, 4).toString("latin1");
  return trailer === "tar\0" ? "star" : "ustar";
}

/**
 * GNU keeps two times where ustar has the beginning of a long name. Go's writer did not know that until 1.8, and images of that
 * age are still there: what is no time is a prefix to all engines since.
 */
function prefixBytes(block: Uint8Array): number {
  const format = formatOf(block);
  if (format === "gnu") return hasTimes(block) ? 0 : 155;
  return { v7: 0, star: 131, ustar: 155 }[format];
}

function hasTimes(block: Uint8Array): boolean {
  try {
    for (const at of [345, 357]) if (block[at] !== 0) tarNumber(block.subarray(at, at + 12));
    return true;
  } catch {
    // Of ASCII alone, so that no other program's bytes become a name.
    return block.subarray(345, 500).some((byte) => byte > 0x7f);
  }
}
