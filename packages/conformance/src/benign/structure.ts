import { directory, file } from "../forge/entries.ts";
import { base256, forge } from "../forge/forge.ts";
import { paxBody } from "../forge/pax-record.ts";
import type { BenignArchive } from "../suite/archive-case.ts";
import { contentText } from "../suite/file-text.ts";

const one = [file("a", "x")];
const oneTree = { a: 'file 644 "x"' };
const some = [directory("d", { mtime: 5 }), file("d/a", "x".repeat(2000)), file("b", "y")];
const someTree = { b: 'file 644 "y"', d: "dir 755 @5", "d/a": `file 644 ${contentText("x".repeat(2000))}` };

/** Headers, numbers, ends, compression. */
export const benignStructure: readonly BenignArchive[] = [
  { name: "no empty blocks at the end", entries: one, endBlocks: 0, tree: oneTree },
  { name: "one empty block at the end", entries: one, endBlocks: 1, tree: oneTree },
  { name: "padding up to 10 KiB", entries: one, after: { fillBytes: 8192 }, tree: oneTree },
  { name: "no padding behind the last file", entries: one, endBlocks: 0, cut: 513, tree: oneTree },
  { name: "garbage behind the end", entries: one, after: "garbage".repeat(200), tree: oneTree },
  {
    name: "another archive behind the end, which says nothing",
    entries: one,
    after: forge({ name: "b", content: "not there" }),
    tree: oneTree,
  },
  {
    name: "a global header, which says nothing about entries",
    entries: [
      {
        name: "g",
        flag: "g",
        content: paxBody([
          ["path", "elsewhere"],
          ["uid", "77"],
          ["comment", "x"],
        ]),
      },
      ...one,
    ],
    tree: oneTree,
  },
  {
    name: "pax records of other programs",
    entries: [
      file("a", "x", {
        pax: { comment: "x", "LIBARCHIVE.creationtime": "5", "SCHILY.dev": "1", "vendor.thing": "x=y\nz" },
      }),
    ],
    tree: oneTree,
  },
  {
    name: "pax records with nothing in them, which take nothing's place",
    entries: [file("a", "x", { uid: 5, mtime: 7, pax: { path: "", uid: "", mtime: "" } })],
    tree: { a: 'file 644 "x" 5:0 @7' },
  },
  {
    name: "a pax record that comes twice: the later counts",
    entries: [
      {
        name: "x",
        flag: "x",
        content: paxBody([
          ["path", "b"],
          ["path", "a"],
        ]),
      },
      file("short", "x"),
    ],
    tree: oneTree,
  },
  {
    name: "two pax headers before one entry: the later counts",
    entries: [
      {
        name: "x",
        flag: "x",
        content: paxBody([
          ["path", "b"],
          ["uid", "5"],
        ]),
      },
      { name: "x", flag: "x", content: paxBody([["path", "a"]]) },
      file("short", "x"),
    ],
    tree: oneTree,
  },
  {
    name: "pax records with a line feed and an equals sign in the value",
    entries: [{ name: "short", pax: { path: "a=b\nc" }, content: "x" }],
    tree: { "a=b\nc": 'file 644 "x"' },
  },
  {
    name: "a pax size that counts against the header's",
    entries: [{ name: "x", flag: "x", content: paxBody([["size", "1"]]) }, file("a", "x", { size: 0 }), file("b")],
    tree: { a: 'file 644 "x"', b: 'file 644 ""' },
  },
  {
    name: "a pax header of 900 KiB",
    entries: [file("a", "x", { pax: { comment: "c".repeat(900 * 1024) } })],
    tree: oneTree,
  },
  { name: "a size in base-256", entries: [file("a", "x", { size: base256(1n, 12) })], tree: oneTree },
  {
    name: "numbers without an end, with blanks before and behind, and left empty",
    entries: [
      file("a", "x", {
        size: "000000000001",
        mode: " 644  \0 ",
        uid: "\0\0\0\0\0\0\0\0",
        gid: "        ",
        mtime: "00000000005 ",
      }),
    ],
    tree: { a: 'file 644 "x" @5' },
  },
  {
    name: "a sum of signed bytes, as old programs wrote it",
    entries: [file("\udce9\udce9", "x", { checksum: signedSum() })],
    tree: { "\udce9\udce9": 'file 644 "x"' },
  },
  { name: "many members of gzip", entries: some, transports: ["gzip members"], tree: someTree },
  { name: "many frames of zstd", entries: some, transports: ["zstd frames"], tree: someTree },
  {
    name: "a skippable frame behind the archive",
    entries: some,
    transports: ["zstd with a skippable frame"],
    tree: someTree,
  },
  { name: "gzip with zeros behind it", entries: some, transports: ["gzip padded with zeros"], tree: someTree },
  {
    name: "an archive that comes in crumbs",
    entries: some,
    transports: ["gzip in pieces of 7 bytes", "plain in pieces of 1 byte"],
    tree: someTree,
  },
];

/** Of the header of that entry: each of its two bytes 0xe9 counts 256 less. */
function signedSum(): string {
  const block = forge(file("\udce9\udce9", "x")).slice(0, 512).fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0) - 2 * 256;
  return `${sum.toString(8).padStart(6, "0")}\0 `;
}
