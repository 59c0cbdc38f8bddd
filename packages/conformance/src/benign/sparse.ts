import { file } from "../forge/entries.ts";
import { base256 } from "../forge/forge.ts";
import type { ForgedEntry } from "../forge/forged-entry.ts";
import { paxBody } from "../forge/pax-record.ts";
import type { BenignArchive } from "../suite/archive-case.ts";
import { contentText, hugeText } from "../suite/file-text.ts";

const gnu = "ustar  \0";
const zeros = (count: number) => "\0".repeat(count);
const octal = (value: number) => `${value.toString(8).padStart(11, "0")}\0`;

/** 512 bytes at 1,024 and 5 at 5,120, the end. GNU tar begins each piece in a block of its own, so pieces but the last fill blocks. */
const pieces = [
  [1024, 512],
  [5120, 5],
] as const;
const first = "abcdefgh".repeat(64);
const stored = `${first}12345`;
const content = `${zeros(1024)}${first}${zeros(5120 - 1536)}12345`;
const tree = { behind: 'file 644 "y"', s: `file 644 ${contentText(content)}` };
const behind = file("behind", "y");

/** GNU tar manual, "Storing Sparse Files": four pieces, a flag that more follow, the true size. */
function oldGnu(
  map: readonly (readonly [number, number])[],
  sizeBytes: number,
  more = false,
): NonNullable<ForgedEntry["raw"]> {
  const fields = map.flatMap(([at, length], index) => [
    [386 + 24 * index, octal(at)] as const,
    [398 + 24 * index, octal(length)] as const,
  ]);
  return { ...Object.fromEntries(fields), 482: more ? "\x01" : "\0", 483: octal(sizeBytes) };
}

/** A block at every 1,024th place. */
const sixPieces = Array.from({ length: 6 }, (_, index) => [1024 * index, 512] as const);
const sixBlocks = [..."abcdef"].map((each) => each.repeat(512));
const morePieces = Buffer.alloc(512);
for (const [index, [at, length]] of sixPieces.slice(4).entries()) {
  morePieces.write(octal(at), 24 * index, "latin1");
  morePieces.write(octal(length), 24 * index + 12, "latin1");
}

const hugeBytes = 8 * 2 ** 30 + 5;

/** Sparse files in all forms that GNU tar has written, and sizes beyond 8 GiB. */
export const benignSparse: readonly BenignArchive[] = [
  {
    name: "a sparse file of the old GNU form",
    entries: [{ name: "s", flag: "S", magic: gnu, content: stored, raw: oldGnu(pieces, 5125) }, behind],
    tree,
  },
  {
    name: "a sparse file of the old GNU form with a second block of pieces",
    entries: [
      {
        name: "s",
        flag: "S",
        magic: gnu,
        size: 6 * 512,
        content: Buffer.concat([morePieces, Buffer.from(sixBlocks.join(""))]),
        raw: oldGnu(sixPieces.slice(0, 4), 5632, true),
      },
      behind,
    ],
    tree: { behind: 'file 644 "y"', s: `file 644 ${contentText(sixBlocks.join(zeros(512)))}` },
  },
  {
    name: "a sparse file of the form 0.0",
    entries: [
      {
        name: "x",
        flag: "x",
        content: paxBody([
          ["GNU.sparse.size", "5125"],
          ["GNU.sparse.numblocks", "2"],
          ["GNU.sparse.offset", "1024"],
          ["GNU.sparse.numbytes", "512"],
          ["GNU.sparse.offset", "5120"],
          ["GNU.sparse.numbytes", "5"],
        ]),
      },
      file("s", stored),
      behind,
    ],
    tree,
  },
  {
    name: "a sparse file of the form 0.1",
    entries: [
      file("GNUSparseFile.1/s", stored, {
        pax: {
          "GNU.sparse.size": "5125",
          "GNU.sparse.numblocks": "2",
          "GNU.sparse.name": "s",
          "GNU.sparse.map": "1024,512,5120,5",
        },
      }),
      behind,
    ],
    tree,
  },
  {
    name: "a sparse file of the form 1.0",
    entries: [
      file("GNUSparseFile.1/s", `${"2\n1024\n512\n5120\n5\n".padEnd(512, "\0")}${stored}`, {
        pax: {
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.name": "s",
          "GNU.sparse.realsize": "5125",
        },
      }),
      behind,
    ],
    tree,
  },
  {
    name: "a sparse file of nothing but a hole",
    entries: [
      file("GNUSparseFile.1/s", "1\n6000\n0\n".padEnd(512, "\0"), {
        pax: {
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.name": "s",
          "GNU.sparse.realsize": "6000",
        },
      }),
      behind,
    ],
    tree: { behind: 'file 644 "y"', s: `file 644 ${contentText(zeros(6000))}` },
  },
  {
    name: "a sparse file of 8 GiB and 5 bytes, the old form with base-256",
    entries: [
      {
        name: "s",
        flag: "S",
        magic: gnu,
        content: "abcde",
        raw: { 386: base256(BigInt(hugeBytes - 5), 12), 398: octal(5), 483: base256(BigInt(hugeBytes), 12) },
      },
      behind,
    ],
    tree: {
      behind: 'file 644 "y"',
      s: `file 644 ${hugeText({ sizeBytes: hugeBytes, ends: Buffer.from(`${zeros(4096 + 4091)}abcde`), sparse: true })}`,
    },
  },
  {
    name: "a sparse file of 100 GiB, the form 1.0",
    entries: [
      file("GNUSparseFile.1/s", `${"2\n0\n512\n107374182395\n5\n".padEnd(512, "\0")}${stored}`, {
        pax: {
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.name": "s",
          "GNU.sparse.realsize": "107374182400",
        },
      }),
    ],
    tree: {
      s: `file 644 ${hugeText({ sizeBytes: 100 * 2 ** 30, ends: Buffer.from(`${first}${zeros(3584 + 4091)}12345`), sparse: true })}`,
    },
  },
];
