import { directory, file, gnuLong } from "../forge/entries.ts";
import { base256, forge } from "../forge/forge.ts";
import type { ForgedEntry } from "../forge/forged-entry.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const broken = { refused: "image.tar" };
const truncated = { refused: "image.truncated" };
const compression = { refused: "image.compression" };
const lies = "headers that lie about lengths";
const cutOff = "CVE-2021-20291: archives that end early";
const gnu = "ustar  \0";

/** A pax header of exactly these bytes before a file. */
function pax(name: string, body: string, expected: HostileArchive["expected"] = broken): HostileArchive {
  return { name, standsFor: lies, entries: [{ name: "x", flag: "x", content: body }, file("a", "x")], expected };
}

function typed(flag: string, what: string): HostileArchive {
  return {
    name: `an entry of type ${flag}: ${what}`,
    standsFor: "types that engines read differently",
    entries: [file("a", "x", { raw: { 156: flag } })],
    expected: { refused: "image.entry-type" },
  };
}

/** Two files, the first with a pax header: 512 header, 512 records, 512 header, 1024 content. */
const two: readonly ForgedEntry[] = [file("a", "x".repeat(700), { pax: { comment: "c".repeat(300) } }), directory("d")];

function cutAt(name: string, cut: number): HostileArchive {
  return { name: `an archive that ends in ${name}`, standsFor: cutOff, entries: two, cut, expected: truncated };
}

/** Damage and lies in the archive itself. */
export const hostileStructure: readonly HostileArchive[] = [
  { name: "a wrong checksum", standsFor: lies, entries: [file("a", "x", { checksum: "0000001\0" })], expected: broken },
  {
    name: "a checksum that is no number",
    standsFor: lies,
    entries: [file("a", "x", { checksum: "checksum" })],
    expected: broken,
  },
  {
    name: "a header of random bytes",
    standsFor: lies,
    entries: [],
    endBlocks: 0,
    after: Buffer.alloc(512, "random\xff\x80"),
    expected: broken,
  },
  {
    name: "text instead of an archive",
    standsFor: lies,
    entries: [],
    endBlocks: 0,
    after: "<html>not found</html>".repeat(100),
    expected: broken,
  },
  {
    name: "a compression that nobody asked for",
    standsFor: "CVE-2014-9357",
    entries: [],
    endBlocks: 0,
    after: Buffer.concat([Buffer.from("fd377a585a000004", "hex"), Buffer.alloc(1000, 7)]),
    expected: broken,
  },
  {
    name: "an empty block in the middle",
    standsFor: lies,
    entries: [file("a", "x")],
    endBlocks: 1,
    after: forge({ name: "b" }),
    expected: broken,
  },
  pax("a pax record longer than its header", "99 a=b\n"),
  pax("a pax record shorter than it is", "5 comment=x\n"),
  pax("a pax record of length 0", "0 a=b\n"),
  pax("a pax record of length -6", "-6 a=b\n"),
  pax("a pax record of length +6", "+6 a=b\n"),
  pax("a pax record whose length has a leading zero", "06 a=b\n"),
  pax("a pax record whose length has 30 digits", `${"9".repeat(30)} a=b\n`),
  pax("a pax record without a line feed", "6 a=bc"),
  pax("a pax record without an equals sign", "6 abc\n"),
  pax("a pax record without a key", "5 =b\n"),
  pax("a pax record whose equals sign is behind its end", "4 a\n8 b=cd\n"),
  pax("a pax record of nothing but digits", "1234567890"),
  {
    name: "a pax header of 2 MiB",
    standsFor: "CVE-2022-2879: headers without bound",
    entries: [{ name: "x", flag: "x", content: { fillBytes: 2 * 2 ** 20 } }, file("a")],
    expected: broken,
  },
  {
    name: "a pax header that says it has a terabyte",
    standsFor: "CVE-2022-2879: headers without bound",
    entries: [{ name: "x", flag: "x", size: base256(2n ** 40n, 12) }, file("a")],
    expected: broken,
  },
  {
    name: "a global header that says it has a gigabyte",
    standsFor: "CVE-2022-2879: headers without bound",
    entries: [{ name: "g", flag: "g", size: base256(2n ** 30n, 12) }, file("a")],
    expected: broken,
  },
  {
    name: "a GNU long name of 2 MiB",
    standsFor: "CVE-2022-2879: headers without bound",
    entries: [gnuLong("L", "n".repeat(2 * 2 ** 20)), file("a", "", { magic: gnu })],
    expected: broken,
  },
  {
    name: "a GNU long link name that says it has a terabyte",
    standsFor: "CVE-2022-2879: headers without bound",
    entries: [{ name: "x", flag: "K", size: base256(2n ** 40n, 12) }, file("a")],
    expected: broken,
  },
  {
    name: "1,000 pax headers before one entry",
    standsFor: "headers without bound",
    entries: [
      ...Array.from({ length: 1000 }, () => ({ name: "x", flag: "x", content: "11 a=bcdef\n" })),
      file("a", "x"),
    ],
    expected: { contained: { a: 'file 644 "x"' } },
  },
  {
    name: "a pax header at the end, of no entry",
    standsFor: lies,
    entries: [file("a", "x"), { name: "x", flag: "x", content: "13 path=../b\n" }],
    expected: { contained: { a: 'file 644 "x"' } },
  },
  {
    name: "a pax size that makes readers see another entry in the content",
    standsFor: "archives that readers see differently",
    entries: [
      { name: "x", flag: "x", content: "13 size=1536\n" },
      { name: "a", size: 0 },
      file("../../canary/new", "x"),
    ],
    expected: { contained: "anything" },
  },
  {
    name: "a size on a symbolic link that hides the next entry",
    standsFor: "archives that readers see differently",
    entries: [{ name: "l", flag: "2", linkName: "t", size: 1024 }, file("../../canary/new", "x")],
    expected: { refused: "image.entry-escapes" },
  },
  typed("V", "a volume's name"),
  typed("M", "the rest of a file from another volume"),
  typed("N", "names of an old GNU tar"),
  typed("D", "GNU's directory with its names"),
  typed("X", "an extended header of Solaris"),
  typed("\udcff", "no letter at all"),
  cutAt("its first header", 100),
  cutAt("its pax records", 512 + 100),
  cutAt("its second header", 1024 + 511),
  cutAt("the content", 1536 + 600),
  cutAt("a header behind content", 2560 + 5),
  {
    name: "a gzip stream that ends early",
    standsFor: cutOff,
    entries: two,
    transports: ["gzip that ends early"],
    expected: truncated,
  },
  {
    name: "a zstd stream that ends early",
    standsFor: cutOff,
    entries: two,
    transports: ["zstd that ends early"],
    expected: truncated,
  },
  {
    name: "a gzip header and nothing more",
    standsFor: cutOff,
    entries: two,
    transports: ["gzip header and nothing more"],
    expected: truncated,
  },
  {
    name: "gzip with a wrong sum",
    standsFor: cutOff,
    entries: two,
    transports: ["gzip with a wrong sum"],
    expected: compression,
  },
  {
    name: "gzip with a bent byte",
    standsFor: cutOff,
    entries: two,
    transports: ["gzip with a bent byte"],
    expected: compression,
  },
  {
    name: "gzip with garbage behind it",
    standsFor: cutOff,
    entries: two,
    transports: ["gzip with garbage behind it"],
    expected: compression,
  },
  {
    name: "zstd with garbage behind it",
    standsFor: cutOff,
    entries: two,
    transports: ["zstd with garbage behind it"],
    expected: compression,
  },
  { name: "gzip in gzip", standsFor: "CVE-2014-9357", entries: two, transports: ["gzip in gzip"], expected: truncated },
];
