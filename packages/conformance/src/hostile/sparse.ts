import { file } from "../forge/entries.ts";
import { base256 } from "../forge/forge.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const broken = { refused: "image.tar" };
const standsFor = "CVE-2025-58183: maps of sparse files";
const octal = (value: number) => `${value.toString(8).padStart(11, "0")}\0`;
const gnu = "ustar  \0";

/** The form 0.1, whose map is a pax record. */
function recorded(
  name: string,
  { map, sizeBytes = "100", stored = "abc" }: { map: string; sizeBytes?: string; stored?: string },
  expected: HostileArchive["expected"] = broken,
): HostileArchive {
  const pax = { "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.size": sizeBytes, "GNU.sparse.map": map };
  return { name, standsFor, entries: [file("s", stored, { pax })], expected };
}

/** The form 1.0, whose map is at the beginning of the content. */
function contained(
  name: string,
  content: string | { fillBytes: number },
  expected: HostileArchive["expected"] = broken,
): HostileArchive {
  const pax = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "100" };
  return { name, standsFor, entries: [file("s", content, { pax })], expected };
}

/** A block of an old GNU map that says that another follows. */
const endlessBlock = Buffer.alloc(512);
for (let at = 0; at < 504; at += 12) endlessBlock.write(octal(0), at, "latin1");
endlessBlock[504] = 1;

/** Sparse files whose maps lie. */
export const hostileSparse: readonly HostileArchive[] = [
  recorded("a sparse map with pieces over one another", { map: "0,2,1,1" }),
  recorded("a sparse map out of order", { map: "50,1,10,2" }),
  recorded("a sparse map beyond the end of the file", { map: "99,3" }),
  recorded("a sparse map that says less than is stored", { map: "0,2" }),
  recorded("a sparse map that says more than is stored", { map: "0,50" }),
  recorded("a sparse map of an odd number of numbers", { map: "0,1,2" }),
  recorded("a sparse map with a negative number", { map: "-5,3" }),
  recorded("a sparse map with letters", { map: "a,b" }),
  recorded("a sparse map with numbers of 30 digits", { map: `${"9".repeat(30)},3` }),
  recorded("a sparse file of a negative size", { map: "0,3", sizeBytes: "-1" }),
  recorded(
    "a sparse file of 2^53 bytes",
    { map: "0,3", sizeBytes: String(2 ** 53) },
    { refused: "image.entry-number" },
  ),
  recorded(
    "a sparse file of 8 EiB less a byte, of which nothing is stored",
    { map: "9007199254740990,1", sizeBytes: "9007199254740991", stored: "x" },
    { contained: "anything" },
  ),
  recorded("a sparse map of 70,000 pieces", {
    map: Array.from({ length: 70_000 }, (_, index) => `${index},0`).join(","),
    sizeBytes: "70000",
    stored: "",
  }),
  {
    name: "a sparse file without a size",
    standsFor,
    entries: [file("s", "abc", { pax: { "GNU.sparse.major": "1", "GNU.sparse.minor": "0" } })],
    expected: broken,
  },
  contained(
    "a sparse map in the content that says it has a thousand million pieces",
    `999999999999\n${"1\n".repeat(300)}`,
  ),
  contained("a sparse map in the content that never ends", { fillBytes: 700 * 2 ** 20 }),
  contained("a sparse map in the content with no count", "x".repeat(600)),
  contained("a sparse map in the content that is cut off", `3\n0\n1\n`.padEnd(512, "\0")),
  contained("a sparse map in the content with a negative count", "-1\n0\n1\n".padEnd(512, "\0")),
  {
    name: "a sparse map in the content whose numbers never end",
    standsFor,
    entries: [
      file("s", "2\n".padEnd(512, "1"), {
        size: 64 * 2 ** 20,
        pax: { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "100" },
      }),
    ],
    endBlocks: 0,
    after: { fillBytes: 64 * 2 ** 20 - 512, fill: "1" },
    expected: broken,
  },
  {
    name: "an old GNU map of blocks without end",
    standsFor,
    entries: [
      { name: "s", flag: "S", magic: gnu, size: 0, raw: { 386: octal(0), 398: octal(0), 482: "\x01", 483: octal(10) } },
    ],
    endBlocks: 0,
    after: Buffer.concat(Array.from({ length: 4000 }, () => endlessBlock)),
    expected: broken,
  },
  {
    name: "an old GNU map with a negative place",
    standsFor,
    entries: [
      { name: "s", flag: "S", magic: gnu, content: "x", raw: { 386: base256(-1n, 12), 398: octal(1), 483: octal(10) } },
    ],
    expected: broken,
  },
  {
    name: "an old GNU map of a file of a negative size",
    standsFor,
    entries: [
      { name: "s", flag: "S", magic: gnu, content: "x", raw: { 386: octal(0), 398: octal(1), 483: base256(-10n, 12) } },
    ],
    expected: broken,
  },
];
