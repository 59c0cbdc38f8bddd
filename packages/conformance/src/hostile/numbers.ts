import { device, file } from "../forge/entries.ts";
import { base256 } from "../forge/forge.ts";
import type { ForgedEntry } from "../forge/forged-entry.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const number = { refused: "image.entry-number" };
const broken = { refused: "image.tar" };
const standsFor = "UNP-14: numbers out of range";

function one(name: string, entry: ForgedEntry, expected: HostileArchive["expected"]): HostileArchive {
  return { name, standsFor, entries: [{ name: "a", ...entry }], expected };
}

/** Numbers that are none, or that no file can have. */
export const hostileNumbers: readonly HostileArchive[] = [
  one("uid -1", { uid: base256(-1n, 8) }, number),
  one("uid 2^31", { uid: base256(2n ** 31n, 8) }, number),
  one("uid 2^32-1, which means none to the kernel", { uid: base256(2n ** 32n - 1n, 8) }, number),
  one("gid 2^32, which is root in 32 bits", { gid: base256(2n ** 32n, 8) }, number),
  one("gid 2^32 in pax", { pax: { gid: "4294967296" } }, number),
  one("uid 2^63 in pax", { pax: { uid: "9223372036854775808" } }, number),
  one("uid -1 in pax", { pax: { uid: "-1" } }, number),
  one("uid 2^64 in pax, which is root in 64 bits", { pax: { uid: "18446744073709551616" } }, number),
  one("a uid of 40 digits in pax", { pax: { uid: "9".repeat(40) } }, broken),
  one("a uid in hexadecimal in pax", { pax: { uid: "0x0" } }, broken),
  one("a uid with a blank in pax", { pax: { uid: " 0" } }, broken),
  one("a uid with a point in pax", { pax: { uid: "1.0" } }, broken),
  one("a uid that is no octal number", { uid: "0000008\0" }, broken),
  one("a mode of -1", { mode: base256(-1n, 8) }, number),
  one("a major of 4096", { flag: "3", major: 4096, minor: 1 }, number),
  one("a minor of 2^20", { flag: "4", major: 1, minor: 2 ** 20 }, number),
  one("a major of -1", { flag: "3", major: base256(-1n, 8), minor: 1 }, number),
  {
    name: "a device of 2^32 and 2^32, which is 0:0 in 32 bits",
    standsFor,
    entries: [device("a", [2 ** 32, 2 ** 32])],
    expected: number,
  },
  one("a size of -1", { size: base256(-1n, 12) }, broken),
  one("a size of -1 in pax", { pax: { size: "-1" } }, broken),
  one("a size of 2^63", { size: base256(2n ** 63n, 12) }, number),
  one("a size of 2^64+1 in pax", { pax: { size: "18446744073709551617" } }, number),
  one("a size with a letter", { size: "0000000000x\0" }, broken),
  one(
    "a size of a terabyte, of which nothing comes",
    { size: base256(2n ** 40n - 1n, 12) },
    { refused: "image.truncated" },
  ),
  one("a time that is no number in pax", { pax: { mtime: "yesterday" } }, broken),
  one("a time of 40 digits in pax", { pax: { mtime: "9".repeat(40) } }, broken),
  one("a time with two points in pax", { pax: { mtime: "1.2.3" } }, broken),
  {
    name: "a time beyond all use",
    standsFor,
    entries: [file("a", "", { mtime: base256(2n ** 62n, 12) })],
    expected: number,
  },
  {
    name: "a time of the year 280,000,000, which the kernel cuts",
    standsFor,
    entries: [file("a", "", { pax: { mtime: "9007199254740991" } })],
    expected: { contained: "anything" },
  },
];
