import { device, directory, file, hardLink, symlink } from "../forge/entries.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const failed = { refused: "stage.step-failed" };
const followed = "CVE-2014-6407";
const chain = (length: number, end: string) => [
  ...Array.from({ length: length - 1 }, (_, index) => symlink(`l${index + 1}`, `l${index}`)),
  symlink("l0", end),
];
const chainLines = (length: number, end: string) =>
  Object.fromEntries([
    ...Array.from({ length: length - 1 }, (_, index) => [`l${index + 1}`, `link "l${index}"`]),
    ["l0", `link "${end}"`],
  ]);

/** Links that lead out, or would. Absolute targets are the tree's own, as they are to whom will live in it. */
export const hostileLinks: readonly HostileArchive[] = [
  {
    name: "a file through an absolute link to the canary",
    standsFor: followed,
    entries: [symlink("x", "{canary}"), file("x/new", "y")],
    expected: failed,
  },
  {
    name: "a file through a relative link to the canary",
    standsFor: followed,
    entries: [symlink("x", "{up}"), file("x/new", "y")],
    expected: failed,
  },
  {
    name: "a file through a link that climbs, where the tree has a directory of that name",
    standsFor: followed,
    entries: [directory("canary"), symlink("x", "{up}"), file("x/new", "y")],
    expected: { contained: { canary: "dir 755", "canary/new": 'file 644 "y"', x: 'link "../../canary"' } },
  },
  {
    name: "a directory, a fifo and a link through a link to the canary",
    standsFor: followed,
    entries: [symlink("x", "{up}"), directory("x/d"), { name: "x/p", flag: "6" }, symlink("x/l", "y")],
    expected: failed,
  },
  {
    name: "a device through a link to the canary",
    standsFor: "CVE-2026-41579",
    entries: [symlink("dev", "{canary}"), device("dev/null", [1, 3])],
    expected: failed,
  },
  {
    name: "a whiteout through a link to the canary",
    standsFor: "UNP-17",
    entries: [symlink("x", "{up}"), file("x/.wh.victim")],
    expected: failed,
  },
  {
    name: "an opaque mark on a link to the canary",
    standsFor: "UNP-17",
    entries: [symlink("x", "{up}/directory"), file("x/.wh..wh..opq")],
    expected: { contained: "anything" },
  },
  {
    name: "a file over a link to the victim",
    standsFor: "CVE-2021-32760",
    entries: [symlink("x", "{up}/victim"), file("x", "y", { mode: 0o777, uid: 7 })],
    expected: { contained: { x: 'file 777 "y" 7:0' } },
  },
  {
    name: "a directory over a link to the canary's directory",
    standsFor: "CVE-2021-32760",
    entries: [symlink("x", "{up}/directory"), directory("x", { mode: 0o777, uid: 7, mtime: 5 })],
    expected: { contained: { x: "dir 777 7:0 @5" } },
  },
  {
    name: "attributes on a link to the victim",
    standsFor: "CVE-2021-32760",
    entries: [
      symlink("x", "../../canary/victim", { mode: 0o777, uid: 7, mtime: 5, pax: { "SCHILY.xattr.trusted.note": "y" } }),
    ],
    expected: { contained: { x: 'link "../../canary/victim" 7:0 @5 trusted.note="y"' } },
  },
  {
    name: "a file over a dangling link beside the tree",
    standsFor: followed,
    entries: [symlink("x", "{up}/new"), file("x", "y")],
    expected: { contained: { x: 'file 644 "y"' } },
  },
  {
    name: "a file through a dangling link",
    standsFor: followed,
    entries: [symlink("x", "nowhere"), file("x/new", "y")],
    expected: failed,
  },
  {
    name: "two hops: a link to a link to ..",
    standsFor: "CVE-2026-17106",
    entries: [symlink("a", "b"), symlink("b", ".."), file("a/victim", "x")],
    expected: { contained: { a: 'link "b"', b: 'link ".."', victim: 'file 644 "x"' } },
  },
  {
    name: "two hops out of a directory",
    standsFor: "CVE-2026-17106",
    entries: [directory("d"), symlink("d/a", "b"), symlink("d/b", "../../.."), file("d/a/victim", "x")],
    expected: { contained: { d: "dir 755", "d/a": 'link "b"', "d/b": 'link "../../.."', victim: 'file 644 "x"' } },
  },
  {
    name: "a chain of 40 links to ..",
    standsFor: "CVE-2026-17106",
    entries: [...chain(40, "../../.."), file("l39/victim", "x")],
    expected: { contained: { ...chainLines(40, "../../.."), victim: 'file 644 "x"' } },
  },
  {
    name: "a chain of 41 links, more than the kernel follows",
    standsFor: "CVE-2026-17106",
    entries: [...chain(41, "{up}"), file("l40/new", "x")],
    expected: failed,
  },
  {
    name: "a chain of absolute links to the canary",
    standsFor: "CVE-2026-17106",
    entries: [symlink("a", "/b"), symlink("b", "/c"), symlink("c", "{canary}"), file("a/new", "x")],
    expected: failed,
  },
  {
    name: "a link to itself, entered",
    standsFor: "links without end",
    entries: [symlink("a", "a"), file("a/b", "x")],
    expected: failed,
  },
  {
    name: "a link into itself, entered",
    standsFor: "links without end",
    entries: [symlink("a", "a/b"), file("a/b", "x")],
    expected: failed,
  },
  {
    name: "a link to the directory it is in, entered often",
    standsFor: "links without end",
    entries: [symlink("a", "."), file("a/a/a/a/a/b", "x")],
    expected: { contained: { a: 'link "."', b: 'file 644 "x"' } },
  },
  {
    name: "a directory, then a link of its name, then a child",
    standsFor: "CVE-2025-47290",
    entries: [directory("d"), file("d/old"), symlink("d", "{up}"), file("d/new", "x")],
    expected: failed,
  },
  {
    name: "a directory, a link of its name, a child that removes: the directory's time is not set on the canary's",
    standsFor: "CVE-2025-47290",
    entries: [directory("d", { mtime: 77 }), symlink("d", "../../canary/directory")],
    expected: { contained: { d: 'link "../../canary/directory"' } },
  },
  {
    name: "a parent replaced by a link: the times of directories beneath are not set on the canary's",
    standsFor: "CVE-2025-47290",
    entries: [directory("d"), directory("d/directory", { mtime: 77 }), symlink("d", "../../canary")],
    expected: { contained: { d: 'link "../../canary"' } },
  },
  {
    name: "a directory and a link in turns, 200 times",
    standsFor: "CVE-2025-47290",
    entries: Array.from({ length: 200 }, () => [directory("d"), file("d/f", "x"), symlink("d", "../../canary")]).flat(),
    expected: { contained: { d: 'link "../../canary"' } },
  },
  {
    name: "a hard link to the canary by an absolute path",
    standsFor: followed,
    entries: [hardLink("h", "{canary}/victim")],
    expected: failed,
  },
  {
    name: "a hard link that climbs",
    standsFor: followed,
    entries: [hardLink("h", "{up}/victim")],
    expected: { refused: "image.entry-escapes" },
  },
  {
    name: "a hard link that climbs in a pax record",
    standsFor: followed,
    entries: [{ name: "h", flag: "1", pax: { linkpath: "{up}/victim" } }],
    expected: { refused: "image.entry-escapes" },
  },
  {
    name: "a hard link to a setuid file, then its mode changed",
    standsFor: followed,
    entries: [hardLink("h", "{canary}/setuid"), file("h", "x", { mode: 0o777 })],
    expected: failed,
  },
  {
    name: "a hard link to a file through a link to the canary",
    standsFor: followed,
    entries: [symlink("x", "{up}"), hardLink("h", "x/victim")],
    expected: failed,
  },
  {
    name: "a hard link through an absolute link to the canary",
    standsFor: followed,
    entries: [symlink("x", "{canary}"), hardLink("h", "x/victim")],
    expected: failed,
  },
  {
    name: "a hard link to a link to the victim, then a file of its name",
    standsFor: followed,
    entries: [symlink("l", "../../canary/victim"), hardLink("h", "l"), file("h", "x")],
    expected: { contained: { h: 'file 644 "x"', l: 'link "../../canary/victim"' } },
  },
  {
    name: "a hard link to a link to the canary, then a child",
    standsFor: followed,
    entries: [symlink("l", "{up}"), hardLink("h", "l"), file("h/new", "x")],
    expected: failed,
  },
  {
    name: "a hard link to what comes later",
    standsFor: "links to what is not there",
    entries: [hardLink("h", "a"), file("a", "x")],
    expected: failed,
  },
  {
    name: "a hard link to itself",
    standsFor: "links to themselves",
    entries: [file("a", "x"), hardLink("a", "./a")],
    expected: { refused: "image.entry-name" },
  },
  {
    name: "a hard link to a directory",
    standsFor: "directories with two names",
    entries: [directory("d"), hardLink("h", "d")],
    expected: failed,
  },
  {
    name: "a hard link to the root",
    standsFor: "directories with two names",
    entries: [hardLink("h", "/")],
    expected: { refused: "image.entry-name" },
  },
  {
    name: "a hard link to a whiteout",
    standsFor: "whiteouts as files",
    entries: [file(".wh.a"), hardLink("h", ".wh.a")],
    expected: { refused: "image.entry-name" },
  },
  {
    name: "a hard link to a name that a whiteout hides",
    standsFor: "whiteouts as files",
    entries: [file(".wh.a"), hardLink("h", "a")],
    expected: { contained: "anything" },
  },
  {
    name: "a file through the kernel's link to the root",
    standsFor: "magic links",
    entries: [symlink("x", "/proc/self/root{canary}"), file("x/new", "y")],
    expected: failed,
  },
  {
    name: "a file through the kernel's link to the working directory",
    standsFor: "magic links",
    entries: [symlink("x", "/proc/self/cwd/"), file("x/{canary}/new", "y")],
    expected: failed,
  },
  {
    name: "a file through an open descriptor",
    standsFor: "CVE-2024-21626",
    entries: [symlink("x", "/proc/self/fd/3"), file("x/new", "y")],
    expected: failed,
  },
  {
    name: "a fifo, then a file of its name: nobody opens the fifo",
    standsFor: "files that block",
    entries: [{ name: "p", flag: "6" }, hardLink("q", "p"), file("p", "x"), file("q", "y")],
    expected: { contained: { p: 'file 644 "x"', q: 'file 644 "y"' } },
  },
  {
    name: "a device, then a file of its name: nobody writes to the device",
    standsFor: "files that act when they are written to",
    entries: [device("d", [1, 7]), file("d", "x"), device("e", [1, 7]), hardLink("f", "e"), file("f", "y")],
    expected: { contained: { d: 'file 644 "x"', e: "char 644 1:7", f: 'file 644 "y"' } },
  },
  {
    name: "a file beneath a file",
    standsFor: "parents that are none",
    entries: [file("a", "x"), file("a/b", "y")],
    expected: failed,
  },
  {
    name: "a file beneath a device",
    standsFor: "parents that are none",
    entries: [device("a", [1, 3]), file("a/b", "y")],
    expected: failed,
  },
  {
    name: "a symbolic link to nothing",
    standsFor: "links without a target",
    entries: [symlink("a", "")],
    expected: { refused: "image.entry-name" },
  },
  {
    name: "a NUL in a pax link target",
    standsFor: "names that C reads otherwise",
    entries: [{ name: "a", flag: "2", pax: { linkpath: "b\0{up}" } }],
    expected: { refused: "image.tar" },
  },
  {
    name: "a symbolic link to 4,096 bytes",
    standsFor: "names beyond the kernel's limits",
    entries: [{ name: "a", flag: "2", pax: { linkpath: "t".repeat(4096) } }],
    expected: { refused: "image.entry-name" },
  },
  {
    name: "links that lead deeper than any path may be",
    standsFor: "trees that cannot be removed",
    entries: Array.from({ length: 4 }, (_, index) => [
      directory(`${index === 0 ? "" : `s${index - 1}/`}${"d/".repeat(1500)}`.slice(0, -1), {
        pax: { path: `${index === 0 ? "" : `s${index - 1}/`}${"d/".repeat(1500)}` },
      }),
      symlink(`s${index}`, "t", { pax: { linkpath: `${index === 0 ? "" : `s${index - 1}/`}${"d/".repeat(1500)}` } }),
    ]).flat(),
    expected: { contained: "anything" },
  },
];
