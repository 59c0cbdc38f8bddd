import { directory, file, symlink } from "../forge/entries.ts";
import type { BenignArchive } from "../suite/archive-case.ts";

/** What hides names of layers below (OCI image-spec, layer.md, "Whiteouts"). */
export const benignWhiteouts: readonly BenignArchive[] = [
  { name: "a whiteout", entries: [file(".wh.gone")], tree: { gone: "whiteout" } },
  {
    name: "a whiteout in a directory that no entry makes",
    entries: [file("a/b/.wh.gone")],
    tree: { a: "dir 755 @now", "a/b": "dir 755 @now", "a/b/gone": "whiteout" },
  },
  {
    name: "whiteouts with content, of odd types and of odd names",
    entries: [file(".wh.a", "ignored"), symlink(".wh.b", "x"), directory(".wh.c"), file(".wh..d"), file(".wh.\udce9")],
    tree: { ".d": "whiteout", a: "whiteout", b: "whiteout", c: "whiteout", "\udce9": "whiteout" },
  },
  {
    name: "a whiteout before the file of its name",
    entries: [file(".wh.a"), file("a", "new")],
    tree: { a: 'file 644 "new"' },
  },
  {
    name: "a whiteout behind the file of its name, which stays",
    entries: [file("a", "new"), file(".wh.a")],
    tree: { a: 'file 644 "new"' },
  },
  {
    name: "a whiteout before the directory of its name, which hides what is below",
    entries: [file(".wh.d"), directory("d"), file("d/a", "new")],
    tree: { d: "dir 755 opaque", "d/a": 'file 644 "new"' },
  },
  {
    name: "a whiteout before a file in the directory of its name",
    entries: [file(".wh.d"), file("d/a", "new")],
    tree: { d: "dir 755 @now opaque", "d/a": 'file 644 "new"' },
  },
  {
    name: "a whiteout that comes three times",
    entries: [file(".wh.a"), file(".wh.a"), file("./.wh.a")],
    tree: { a: "whiteout" },
  },
  {
    name: "a whiteout of a symbolic link's name, replaced by a directory",
    entries: [file(".wh.l"), symlink("l", "t"), file(".wh.m"), directory("m")],
    tree: { l: 'link "t"', m: "dir 755 opaque" },
  },
  {
    name: "an opaque directory",
    entries: [directory("d"), file("d/.wh..wh..opq"), file("d/a", "x")],
    tree: { d: "dir 755 opaque", "d/a": 'file 644 "x"' },
  },
  {
    name: "a directory that becomes opaque behind its files, which stay",
    entries: [directory("d"), file("d/a", "x"), file("d/.wh..wh..opq")],
    tree: { d: "dir 755 opaque", "d/a": 'file 644 "x"' },
  },
  {
    name: "an opaque directory that no entry makes, in one that is no more than that",
    entries: [file("d/e/.wh..wh..opq")],
    tree: { d: "dir 755 @now", "d/e": "dir 755 @now opaque" },
  },
  {
    name: "private files of an old storage driver",
    entries: [
      directory(".wh..wh.plnk"),
      file(".wh..wh.plnk/1.2", "x"),
      file(".wh..wh.aufs"),
      directory(".wh..wh.orph"),
      file("a"),
    ],
    tree: { a: 'file 644 ""' },
  },
];
