import { directory, file, gnuLong, hardLink, symlink } from "../forge/entries.ts";
import type { BenignArchive } from "../suite/archive-case.ts";

const gnu = "ustar  \0";
const n = (count: number) => "n".repeat(count);
const deep = "directory/".repeat(200);

/** Names as archives have them. Bytes that are no UTF-8 are written as `decodeName` reads them: U+DC00 and the byte. */
export const benignNames: readonly BenignArchive[] = [
  {
    name: "names that begin with ./",
    entries: [directory("./"), directory("./a/"), file("./a/b", "x")],
    tree: { ".": "dir 755", a: "dir 755", "a/b": 'file 644 "x"' },
  },
  {
    name: "names that begin with a slash",
    entries: [directory("/a"), file("/a/b", "x")],
    tree: { a: "dir 755", "a/b": 'file 644 "x"' },
  },
  {
    name: "names with slashes and dots in the middle",
    entries: [directory("a"), file("a//.///b", "x"), file("././a/./c", "y")],
    tree: { a: "dir 755", "a/b": 'file 644 "x"', "a/c": 'file 644 "y"' },
  },
  {
    name: "names with .. that stay inside",
    entries: [directory("a"), directory("c"), file("c/../a/b", "x")],
    tree: { a: "dir 755", "a/b": 'file 644 "x"', c: "dir 755" },
  },
  {
    name: "directories without a slash at the end",
    entries: [directory("a"), directory("a/b")],
    tree: { a: "dir 755", "a/b": "dir 755" },
  },
  {
    name: "blanks, tabs, line feeds, quotes, backslashes and escapes in names",
    entries: [file(" "), file("a b"), file("a\tb"), file("a\nb"), file('"'), file("'"), file("a\\b"), file("\x1b[31m")],
    tree: {
      " ": 'file 644 ""',
      "a b": 'file 644 ""',
      "a\tb": 'file 644 ""',
      "a\nb": 'file 644 ""',
      '"': 'file 644 ""',
      "'": 'file 644 ""',
      "a\\b": 'file 644 ""',
      "\x1b[31m": 'file 644 ""',
    },
  },
  {
    name: "names that look like options, patterns, drives and variables",
    entries: [file("-rf"), file("--help"), file("*"), file("C:\\x"), file("%s%n"), file("$HOME"), file("~")],
    tree: {
      "-rf": 'file 644 ""',
      "--help": 'file 644 ""',
      "*": 'file 644 ""',
      "C:\\x": 'file 644 ""',
      "%s%n": 'file 644 ""',
      $HOME: 'file 644 ""',
      "~": 'file 644 ""',
    },
  },
  {
    name: "names of dots that mean nothing special",
    entries: [file("..."), file("..a"), file("a.."), file(".wh"), file("x.wh.y"), file("a./b")],
    tree: {
      "...": 'file 644 ""',
      "..a": 'file 644 ""',
      "a..": 'file 644 ""',
      ".wh": 'file 644 ""',
      "x.wh.y": 'file 644 ""',
      "a.": "dir 755 @now",
      "a./b": 'file 644 ""',
    },
  },
  {
    name: "names that differ in case alone",
    entries: [file("a", "1"), file("A", "2")],
    tree: { a: 'file 644 "1"', A: 'file 644 "2"' },
  },
  {
    name: "names in many scripts, and one name composed in two ways",
    entries: [file("naïve"), file("e\u0301"), file("\u00e9"), file("日本"), file("😀"), file("\u202egnp.exe")],
    tree: {
      naïve: 'file 644 ""',
      "e\u0301": 'file 644 ""',
      "\u00e9": 'file 644 ""',
      日本: 'file 644 ""',
      "😀": 'file 644 ""',
      "\u202egnp.exe": 'file 644 ""',
    },
  },
  {
    name: "names in Latin-1",
    entries: [directory("caf\udce9"), file("caf\udce9/na\udcefve", "x")],
    tree: { "caf\udce9": "dir 755", "caf\udce9/na\udcefve": 'file 644 "x"' },
  },
  {
    name: "names in Shift-JIS, with a byte that is a backslash",
    entries: [file("\udc83\\\udc83\udc83")],
    tree: { "\udc83\\\udc83\udc83": 'file 644 ""' },
  },
  {
    name: "all bytes from 0x80 as names",
    entries: [
      file("\udc80\udc81\udcbf"),
      file("\udcc0\udcaf"),
      file("\udced\udca0\udc80"),
      file("\udcf4\udc90\udc80\udc80"),
      file("\udcff\udcfe"),
    ],
    tree: {
      "\udc80\udc81\udcbf": 'file 644 ""',
      "\udcc0\udcaf": 'file 644 ""',
      "\udced\udca0\udc80": 'file 644 ""',
      "\udcf4\udc90\udc80\udc80": 'file 644 ""',
      "\udcff\udcfe": 'file 644 ""',
    },
  },
  {
    name: "two names that differ in one byte that is no UTF-8",
    entries: [file("f\udce9", "1"), file("f\udcea", "2"), file("f\ufffd", "3")],
    tree: { "f\udce9": 'file 644 "1"', "f\udcea": 'file 644 "2"', "f\ufffd": 'file 644 "3"' },
  },
  {
    name: "a symbolic link to bytes that are no UTF-8",
    entries: [symlink("l", "\udce9/\udcff")],
    tree: { l: 'link "\\udce9/\\udcff"' },
  },
  {
    name: "hard links of names that are no UTF-8",
    entries: [file("\udce9", "x"), hardLink("\udcff", "\udce9")],
    tree: { "\udce9": 'file 644 "x"', "\udcff": 'same as "\\udce9"' },
  },
  {
    name: "missing parents whose names are no UTF-8, through pax",
    entries: [{ name: "short", pax: { path: "\udce9/\udcff/f", hdrcharset: "BINARY" }, content: "x" }],
    tree: { "\udce9": "dir 755 @now", "\udce9/\udcff": "dir 755 @now", "\udce9/\udcff/f": 'file 644 "x"' },
  },
  {
    name: "a pax link target that is no UTF-8",
    entries: [{ name: "l", flag: "2", pax: { linkpath: `${n(120)}\udce9` } }],
    tree: { l: `link "${n(120)}\\udce9"` },
  },
  {
    name: "a GNU long name",
    entries: [gnuLong("L", `d/${n(255)}`), file("short", "x", { magic: gnu }), file("next", "", { magic: gnu })],
    tree: { d: "dir 755 @now", [`d/${n(255)}`]: 'file 644 "x"', next: 'file 644 ""' },
  },
  {
    name: "a GNU long link name",
    entries: [gnuLong("K", n(300)), symlink("l", "short", { magic: gnu })],
    tree: { l: `link "${n(300)}"` },
  },
  {
    name: "a GNU long name and a long link name, in either order",
    entries: [
      gnuLong("L", n(200)),
      gnuLong("K", `t/${n(200)}`),
      symlink("s", "s", { magic: gnu }),
      gnuLong("K", `t/${n(201)}`),
      gnuLong("L", n(201)),
      symlink("s", "s", { magic: gnu }),
    ],
    tree: { [n(200)]: `link "t/${n(200)}"`, [n(201)]: `link "t/${n(201)}"` },
  },
  {
    name: "a pax path and a pax link target",
    entries: [{ name: "s", flag: "2", linkName: "t", pax: { path: n(200), linkpath: n(201) } }],
    tree: { [n(200)]: `link "${n(201)}"` },
  },
  {
    name: "a pax path beside a GNU long name, which counts",
    entries: [gnuLong("L", "gnu"), { name: "short", pax: { path: "pax" }, content: "x" }],
    tree: { gnu: 'file 644 "x"' },
  },
  {
    name: "a ustar prefix of 155 bytes and a name of 100",
    entries: [{ prefix: `p/${n(153)}`, name: n(100), content: "x" }],
    tree: { p: "dir 755 @now", [`p/${n(153)}`]: "dir 755 @now", [`p/${n(153)}/${n(100)}`]: 'file 644 "x"' },
  },
  {
    name: "two times where others keep a prefix, as GNU tar has them",
    entries: [file("a", "x", { magic: gnu, prefix: "00000000005\x0000000000006\0" })],
    tree: { a: 'file 644 "x"' },
  },
  {
    name: "a prefix where GNU tar keeps two times, as images of old have it from a writer with a mistake",
    entries: [file("b", "x", { magic: gnu, prefix: "some/a" })],
    tree: { some: "dir 755 @now", "some/a": "dir 755 @now", "some/a/b": 'file 644 "x"' },
  },
  {
    name: "a header of the seventh edition, without a magic",
    entries: [file("a", "x", { magic: "", prefix: "no/prefix" }), { name: "d/", flag: "\0", mode: 0o755, magic: "" }],
    tree: { a: 'file 644 "x"', d: "dir 755" },
  },
  {
    name: "a part of 255 bytes, the most there is",
    entries: [{ pax: { path: n(255) }, content: "x" }],
    tree: { [n(255)]: 'file 644 "x"' },
  },
  {
    name: "200 directories in one another",
    entries: [{ pax: { path: `${deep}f` }, content: "x" }],
    tree: {
      ...Object.fromEntries(Array.from({ length: 200 }, (_, index) => [deep.slice(0, 10 * index + 9), "dir 755 @now"])),
      [`${deep}f`]: 'file 644 "x"',
    },
  },
];
