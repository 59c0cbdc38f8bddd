import { device, directory, file, hardLink, symlink } from "../forge/entries.ts";
import type { BenignArchive } from "../suite/archive-case.ts";
import { contentText } from "../suite/file-text.ts";

const x = (count: number) => "x".repeat(count);

/** Every kind of entry. */
export const benignKinds: readonly BenignArchive[] = [
  { name: "an empty archive", entries: [], tree: {} },
  { name: "nothing but empty blocks", entries: [], after: { fillBytes: 10_240 - 1024 }, tree: {} },
  { name: "an empty file", entries: [file("a")], tree: { a: 'file 644 ""' } },
  {
    name: "files of one byte less, as many and one more than a block",
    entries: [file("a", x(511)), file("b", x(512)), file("c", x(513))],
    tree: {
      a: `file 644 ${contentText(x(511))}`,
      b: `file 644 ${contentText(x(512))}`,
      c: `file 644 ${contentText(x(513))}`,
    },
  },
  {
    name: "a file of 3 MiB and a byte",
    entries: [file("a", x(3 * 1024 * 1024 + 1)), file("b", "behind")],
    tree: { a: `file 644 ${contentText(x(3 * 1024 * 1024 + 1))}`, b: 'file 644 "behind"' },
  },
  {
    name: "content that looks like an archive",
    entries: [file("a", Buffer.from(`${x(257)}ustar\x00000${"\0".repeat(2000)}`))],
    tree: { a: `file 644 ${contentText(Buffer.from(`${x(257)}ustar\x00000${"\0".repeat(2000)}`))}` },
  },
  {
    name: "symbolic links: to nothing, absolute, to itself, out of the tree",
    entries: [symlink("a", "nowhere"), symlink("b", "/etc/passwd"), symlink("c", "c"), symlink("d", "../../../../etc")],
    tree: { a: 'link "nowhere"', b: 'link "/etc/passwd"', c: 'link "c"', d: 'link "../../../../etc"' },
  },
  {
    name: "a symbolic link to 4,000 bytes",
    entries: [{ name: "l", flag: "2", pax: { linkpath: "directory/".repeat(400) } }],
    tree: { l: `link "${"directory/".repeat(400)}"` },
  },
  {
    name: "hard links: relative, absolute, with ./ and through ..",
    entries: [
      directory("d"),
      file("d/a", "x"),
      hardLink("b", "d/a"),
      hardLink("c", "/d/a"),
      hardLink("e", "./d/a"),
      hardLink("f", "d/../d/a"),
    ],
    tree: {
      b: 'file 644 "x"',
      c: 'same as "b"',
      d: "dir 755",
      "d/a": 'same as "b"',
      e: 'same as "b"',
      f: 'same as "b"',
    },
  },
  {
    name: "a hard link to a hard link",
    entries: [file("a", "x"), hardLink("b", "a"), hardLink("c", "b")],
    tree: { a: 'file 644 "x"', b: 'same as "a"', c: 'same as "a"' },
  },
  {
    name: "a hard link to a symbolic link is one to the link itself",
    entries: [file("a", "x"), symlink("l", "a"), hardLink("h", "l")],
    tree: { a: 'file 644 "x"', h: 'link "a"', l: 'same as "h"' },
  },
  {
    name: "a hard link that says the size of its file, without content",
    entries: [file("a", x(600)), hardLink("b", "a", { size: 600 }), file("c", "behind")],
    tree: { a: `file 644 ${contentText(x(600))}`, b: 'same as "a"', c: 'file 644 "behind"' },
  },
  {
    name: "a hard link in a directory that no entry made",
    entries: [file("a", "x"), hardLink("d/e/b", "a")],
    tree: { a: 'file 644 "x"', d: "dir 755 @now", "d/e": "dir 755 @now", "d/e/b": 'same as "a"' },
  },
  {
    name: "a hard link to a file beneath a symbolic link",
    entries: [directory("d"), file("d/f", "x"), symlink("l", "/d"), hardLink("h", "l/f")],
    tree: { d: "dir 755", "d/f": 'file 644 "x"', h: 'same as "d/f"', l: 'link "/d"' },
  },
  { name: "a fifo", entries: [{ name: "p", flag: "6", mode: 0o600 }], tree: { p: "fifo 600" } },
  {
    name: "devices",
    entries: [device("null", [1, 3]), device("sda", [8, 0], "4"), device("large", [259, 70_000], "4")],
    tree: { large: "block 644 259:70000", null: "char 644 1:3", sda: "block 644 8:0" },
  },
  {
    name: "hard links to a fifo and to a device",
    entries: [{ name: "p", flag: "6" }, device("c", [1, 3]), hardLink("p2", "p"), hardLink("c2", "c")],
    tree: { c: "char 644 1:3", c2: 'same as "c"', p: "fifo 644", p2: 'same as "p"' },
  },
  {
    name: "a contiguous file, to be read as a regular one",
    entries: [{ name: "a", flag: "7", content: "x" }],
    tree: { a: 'file 644 "x"' },
  },
  {
    name: "the flag NUL for a file",
    entries: [{ name: "a", flag: "\0", content: "x" }],
    tree: { a: 'file 644 "x"' },
  },
  {
    name: "a directory with a size that says nothing",
    entries: [directory("d", { size: 4096 }), file("d/a", "x")],
    tree: { d: "dir 755", "d/a": 'file 644 "x"' },
  },
];
