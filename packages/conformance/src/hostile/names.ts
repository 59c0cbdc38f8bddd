import { directory, file, gnuLong, hardLink, symlink } from "../forge/entries.ts";
import { paxBody } from "../forge/pax-record.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const escapes = { refused: "image.entry-escapes" };
const badName = { refused: "image.entry-name" };
const climbs = "UNP-01: names that climb";
const gnu = "ustar  \0";

/** `{up}` leads from the tree to the canary, `{canary}` is its absolute path. */
export const hostileNames: readonly HostileArchive[] = [
  { name: "a file beside the tree", standsFor: climbs, entries: [file("{up}/new", "x")], expected: escapes },
  {
    name: "a file that exists beside the tree",
    standsFor: climbs,
    entries: [file("{up}/victim", "x")],
    expected: escapes,
  },
  { name: "a climb behind ./", standsFor: climbs, entries: [file("./{up}/new", "x")], expected: escapes },
  { name: "a climb behind a slash", standsFor: climbs, entries: [file("/{up}/new", "x")], expected: escapes },
  {
    name: "a climb behind many slashes",
    standsFor: climbs,
    entries: [file("///..//.././/../{up}/new", "x")],
    expected: escapes,
  },
  {
    name: "a climb out of a directory",
    standsFor: climbs,
    entries: [directory("a"), file("a/../{up}/new", "x")],
    expected: escapes,
  },
  {
    name: "a climb out of directories that are not there",
    standsFor: climbs,
    entries: [file("a/b/../../{up}/new", "x")],
    expected: escapes,
  },
  { name: "a climb that comes back", standsFor: climbs, entries: [file("../tree/new", "x")], expected: escapes },
  {
    name: "a climb in a pax path",
    standsFor: climbs,
    entries: [{ name: "x", pax: { path: "{up}/new" } }],
    expected: escapes,
  },
  {
    name: "a climb in a GNU long name",
    standsFor: climbs,
    entries: [gnuLong("L", "../../canary/new"), file("x", "", { magic: gnu })],
    expected: escapes,
  },
  {
    name: "a climb in a ustar prefix",
    standsFor: climbs,
    entries: [file("canary/new", "x", { prefix: "../.." })],
    expected: escapes,
  },
  {
    name: "a climb across prefix and name",
    standsFor: climbs,
    entries: [file("../../canary/new", "x", { prefix: "a/.." })],
    expected: escapes,
  },
  {
    name: "a climb in the name of a sparse file",
    standsFor: climbs,
    entries: [
      file("x", "1\n0\n1\n".padEnd(512, "\0") + "y", {
        pax: {
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.realsize": "1",
          "GNU.sparse.name": "{up}/new",
        },
      }),
    ],
    expected: escapes,
  },
  {
    name: "a climb in a global header, which says nothing",
    standsFor: climbs,
    entries: [{ name: "g", flag: "g", content: paxBody([["path", "../../canary/new"]]) }, file("a", "x")],
    expected: { contained: { a: 'file 644 "x"' } },
  },
  { name: "a directory beside the tree", standsFor: climbs, entries: [directory("{up}/new")], expected: escapes },
  {
    name: "attributes of the directory above",
    standsFor: climbs,
    entries: [directory("..", { mode: 0o777, uid: 7 })],
    expected: escapes,
  },
  {
    name: "attributes of a directory beside the tree",
    standsFor: climbs,
    entries: [directory("{up}/", { mode: 0o777, uid: 7 })],
    expected: escapes,
  },
  {
    name: "a symbolic link beside the tree",
    standsFor: climbs,
    entries: [symlink("{up}/new", "victim")],
    expected: escapes,
  },
  { name: "a fifo beside the tree", standsFor: climbs, entries: [{ name: "{up}/new", flag: "6" }], expected: escapes },
  {
    name: "a device beside the tree",
    standsFor: climbs,
    entries: [{ name: "{up}/new", flag: "3", major: 1, minor: 3 }],
    expected: escapes,
  },
  {
    name: "a hard link beside the tree",
    standsFor: climbs,
    entries: [file("a"), hardLink("{up}/new", "a")],
    expected: escapes,
  },
  {
    name: "a whiteout beside the tree",
    standsFor: "whiteouts that climb",
    entries: [file("{up}/.wh.victim")],
    expected: escapes,
  },
  {
    name: "a whiteout of the tree itself",
    standsFor: "whiteouts that climb",
    entries: [file("../.wh.tree")],
    expected: escapes,
  },
  {
    name: "an opaque mark beside the tree",
    standsFor: "whiteouts that climb",
    entries: [file("{up}/.wh..wh..opq")],
    expected: escapes,
  },
  { name: "a whiteout of ..", standsFor: "whiteouts that climb", entries: [file("a/.wh...")], expected: badName },
  { name: "a whiteout of .", standsFor: "whiteouts that climb", entries: [file("a/.wh..")], expected: badName },
  { name: "a whiteout of nothing", standsFor: "whiteouts that climb", entries: [file(".wh.")], expected: badName },
  {
    name: "an entry beneath a whiteout",
    standsFor: "whiteouts as directories",
    entries: [file(".wh.a/b")],
    expected: badName,
  },
  {
    name: "an absolute name of a file beside the tree",
    standsFor: "CVE-2014-9356",
    entries: [file("{canary}/victim", "x")],
    expected: { contained: "anything" },
  },
  {
    name: "backslashes for slashes",
    standsFor: "names that another system splits otherwise",
    entries: [file("..\\..\\canary\\new", "x")],
    expected: { contained: { "..\\..\\canary\\new": 'file 644 "x"' } },
  },
  {
    name: "dots in too many bytes, which are no dots",
    standsFor: "names that another decoder reads otherwise",
    entries: [file("\udcc0\udcae\udcc0\udcae/new", "x"), file("\uff0e\uff0e/new", "y")],
    expected: {
      contained: {
        "\udcc0\udcae\udcc0\udcae": "dir 755 @now",
        "\udcc0\udcae\udcc0\udcae/new": 'file 644 "x"',
        "\uff0e\uff0e": "dir 755 @now",
        "\uff0e\uff0e/new": 'file 644 "y"',
      },
    },
  },
  { name: "an empty name", standsFor: "names of nothing", entries: [{ name: "" }], expected: badName },
  {
    name: "a NUL in a pax path",
    standsFor: "names that C reads otherwise",
    entries: [{ pax: { path: "a\0/{up}" } }],
    expected: { refused: "image.tar" },
  },
  {
    name: "a NUL in a name field, which ends it there",
    standsFor: "names that C reads otherwise",
    entries: [file("a\0/../../../canary/new", "x")],
    expected: { contained: { a: 'file 644 "x"' } },
  },
  {
    name: "a part of 256 bytes",
    standsFor: "names beyond the kernel's limits",
    entries: [{ pax: { path: "n".repeat(256) } }],
    expected: badName,
  },
  {
    name: "a part of 256 bytes that are no UTF-8",
    standsFor: "names beyond the kernel's limits",
    entries: [{ pax: { path: "\udcff".repeat(256) } }],
    expected: badName,
  },
  {
    name: "a path of 4,096 bytes",
    standsFor: "names beyond the kernel's limits",
    entries: [{ pax: { path: `${"d/".repeat(2047)}ab` } }],
    expected: badName,
  },
  {
    name: "100,000 directories in one another",
    standsFor: "names beyond the kernel's limits",
    entries: [{ pax: { path: "d/".repeat(100_000) } }],
    expected: badName,
  },
  {
    name: "names that would act on a terminal, and then an error that tells of them",
    standsFor: "names in messages",
    entries: [directory("\x1b]0;owned\x07\n"), hardLink("\x1b[2J\n", "\x1b]0;owned\x07\n/none")],
    expected: { refused: "stage.step-failed" },
  },
];
