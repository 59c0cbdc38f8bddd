import { directory, file, hardLink, symlink } from "../forge/entries.ts";
import type { BenignArchive } from "../suite/archive-case.ts";

const many = Array.from({ length: 2000 }, (_, index) => `many/${String(index).padStart(4, "0")}`);

/** The order of entries, and names that come again: the last one counts. */
export const benignOrder: readonly BenignArchive[] = [
  {
    name: "a file that comes twice, the second shorter",
    entries: [file("a", "first and longer", { mode: 0o600 }), file("a", "second")],
    tree: { a: 'file 644 "second"' },
  },
  {
    name: "a file that comes again after it was linked: the other name keeps what it had",
    entries: [file("a", "old"), hardLink("b", "a"), file("a", "new")],
    tree: { a: 'file 644 "new"', b: 'file 644 "old"' },
  },
  {
    name: "a file with setuid that comes again without",
    entries: [file("a", "old", { mode: 0o4755, uid: 5 }), file("a", "new")],
    tree: { a: 'file 644 "new"' },
  },
  {
    name: "a file replaced by a directory",
    entries: [file("a", "x"), directory("a"), file("a/b", "y")],
    tree: { a: "dir 755", "a/b": 'file 644 "y"' },
  },
  {
    name: "a directory with files replaced by a file",
    entries: [directory("a"), directory("a/b"), file("a/b/c", "x"), file("a", "y")],
    tree: { a: 'file 644 "y"' },
  },
  {
    name: "a directory with files replaced by a symbolic link",
    entries: [directory("a"), file("a/b", "x"), directory("t"), symlink("a", "t"), file("a/c", "y")],
    tree: { a: 'link "t"', t: "dir 755", "t/c": 'file 644 "y"' },
  },
  {
    name: "a symbolic link replaced by a directory",
    entries: [directory("t"), symlink("a", "t"), directory("a"), file("a/b", "x")],
    tree: { a: "dir 755", "a/b": 'file 644 "x"', t: "dir 755" },
  },
  {
    name: "a symbolic link replaced by a file: what it led to stays",
    entries: [file("t", "old"), symlink("a", "t"), file("a", "new")],
    tree: { a: 'file 644 "new"', t: 'file 644 "old"' },
  },
  {
    name: "a symbolic link replaced by another and by a hard link",
    entries: [file("t", "x"), symlink("a", "t"), symlink("a", "u"), symlink("b", "t"), hardLink("b", "t")],
    tree: { a: 'link "u"', b: 'file 644 "x"', t: 'same as "b"' },
  },
  {
    name: "a fifo replaced by a file, a file by a fifo",
    entries: [{ name: "a", flag: "6" }, file("a", "x"), file("b", "y"), { name: "b", flag: "6" }],
    tree: { a: 'file 644 "x"', b: "fifo 644" },
  },
  {
    name: "parents that no entry makes",
    entries: [file("a/b/c", "x"), file("a/d", "y")],
    tree: { a: "dir 755 @now", "a/b": "dir 755 @now", "a/b/c": 'file 644 "x"', "a/d": 'file 644 "y"' },
  },
  {
    name: "a directory whose entry comes after its files",
    entries: [file("a/b", "x"), directory("a", { mode: 0o700, mtime: 5 })],
    tree: { a: "dir 700 @5", "a/b": 'file 644 "x"' },
  },
  {
    name: "a directory that comes twice, the second with other attributes",
    entries: [
      directory("a", { mode: 0o700, uid: 1 }),
      file("a/b", "x"),
      directory("a", { mode: 0o755, uid: 2, mtime: 7 }),
    ],
    tree: { a: "dir 755 2:0 @7", "a/b": 'file 644 "x"' },
  },
  {
    name: "entries through a relative link to a directory, as systems with /usr have them",
    entries: [directory("usr"), directory("usr/bin"), symlink("bin", "usr/bin"), file("bin/sh", "x", { mode: 0o755 })],
    tree: { bin: 'link "usr/bin"', usr: "dir 755", "usr/bin": "dir 755", "usr/bin/sh": 'file 755 "x"' },
  },
  {
    name: "entries through an absolute link to a directory, as some systems have /etc",
    entries: [
      directory("system"),
      directory("system/etc"),
      symlink("etc", "/system/etc"),
      file("etc/passwd", "x"),
      directory("etc/d"),
    ],
    tree: {
      etc: 'link "/system/etc"',
      system: "dir 755",
      "system/etc": "dir 755",
      "system/etc/d": "dir 755",
      "system/etc/passwd": 'file 644 "x"',
    },
  },
  {
    name: "entries through a chain of links, absolute and with ..",
    entries: [
      directory("a"),
      directory("a/b"),
      symlink("c", "a/../a"),
      symlink("d", "/c"),
      symlink("e", "../../d/b"),
      file("e/f", "x"),
    ],
    tree: {
      a: "dir 755",
      "a/b": "dir 755",
      "a/b/f": 'file 644 "x"',
      c: 'link "a/../a"',
      d: 'link "/c"',
      e: 'link "../../d/b"',
    },
  },
  {
    name: "the root's own entry at the end",
    entries: [file("a", "x"), directory("./", { mode: 0o750, mtime: 3 })],
    tree: { ".": "dir 750 @3", a: 'file 644 "x"' },
  },
  {
    name: "2,000 files in one directory",
    entries: [directory("many"), ...many.map((name) => file(name, name))],
    tree: { many: "dir 755", ...Object.fromEntries(many.map((name) => [name, `file 644 "${name}"`])) },
  },
];
