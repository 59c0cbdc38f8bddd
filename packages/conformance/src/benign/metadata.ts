import { directory, file, symlink } from "../forge/entries.ts";
import { base256 } from "../forge/forge.ts";
import type { BenignArchive } from "../suite/archive-case.ts";

/** VFS_CAP_REVISION_2 with cap_net_raw effective, as ping has it (capabilities(7), "File capability versioning"). */
const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
const capabilityText = `security.capability="0x${capability.toString("hex")}"`;

/** Owners, modes, times, extended attributes. */
export const benignMetadata: readonly BenignArchive[] = [
  {
    name: "setuid, setgid and sticky",
    entries: [
      file("a", "", { mode: 0o4755 }),
      file("b", "", { mode: 0o2755 }),
      directory("c", { mode: 0o1777 }),
      file("d", "", { mode: 0o7777, uid: 5, gid: 6 }),
    ],
    tree: { a: 'file 4755 ""', b: 'file 2755 ""', c: "dir 1777", d: 'file 7777 "" 5:6' },
  },
  {
    name: "modes of nothing at all, also of a directory with a file in it",
    entries: [file("a", "x", { mode: 0 }), directory("d", { mode: 0 }), file("d/f", "y")],
    tree: { a: 'file 0 "x"', d: "dir 0", "d/f": 'file 644 "y"' },
  },
  {
    name: "a mode with the bits of the type",
    entries: [file("a", "", { mode: 0o100640 }), directory("d", { mode: 0o40750 })],
    tree: { a: 'file 640 ""', d: "dir 750" },
  },
  {
    name: "owners up to the largest",
    entries: [
      file("a", "", { uid: 1000, gid: 100 }),
      file("b", "", { uid: base256(2n ** 31n - 1n, 8), gid: base256(2n ** 31n - 1n, 8) }),
    ],
    tree: { a: 'file 644 "" 1000:100', b: 'file 644 "" 2147483647:2147483647' },
  },
  {
    name: "owners in pax records",
    entries: [file("a", "", { uid: 1, gid: 1, pax: { uid: "3000000", gid: "4000000" } })],
    tree: { a: 'file 644 "" 3000000:4000000' },
  },
  {
    name: "the owner of a symbolic link",
    entries: [symlink("l", "t", { uid: 7, gid: 8 })],
    tree: { l: 'link "t" 7:8' },
  },
  {
    name: "names of owners, which say nothing",
    entries: [file("a", "", { uid: 5, raw: { 265: "root", 297: "root" }, pax: { uname: "nobody", gname: "nogroup" } })],
    tree: { a: 'file 644 "" 5:0' },
  },
  {
    name: "times before 1970 in base-256 and in pax",
    entries: [file("a", "", { mtime: base256(-5n, 12) }), file("b", "", { pax: { mtime: "-86400" } })],
    tree: { a: 'file 644 "" @-5', b: 'file 644 "" @-86400' },
  },
  {
    name: "times before 1970 with a fraction",
    entries: [
      file("a", "", { pax: { mtime: "-1.25" } }),
      file("b", "", { pax: { mtime: "-0.000000001" } }),
      directory("d", { pax: { mtime: "-2.5" } }),
    ],
    tree: { a: 'file 644 "" @-2+750000000ns', b: 'file 644 "" @-1+999999999ns', d: "dir 755 @-3+500000000ns" },
  },
  {
    name: "the first second of 1902 and the first that no 32 bits hold",
    entries: [file("a", "", { pax: { mtime: "-2147483648" } }), file("b", "", { mtime: 2 ** 31 })],
    tree: { a: 'file 644 "" @-2147483648', b: 'file 644 "" @2147483648' },
  },
  {
    name: "times to the nanosecond, and finer ones cut",
    entries: [
      file("a", "", { pax: { mtime: "12.000000034" } }),
      file("b", "", { pax: { mtime: "12.3456789019999" } }),
      symlink("l", "t", { pax: { mtime: "5.5" } }),
    ],
    tree: { a: 'file 644 "" @12+34ns', b: 'file 644 "" @12+345678901ns', l: 'link "t" @5+500000000ns' },
  },
  {
    name: "times of directories, though files come into them later",
    entries: [
      directory("d", { mtime: 10 }),
      directory("d/e", { mtime: 11 }),
      file("d/e/f", "x", { mtime: 12 }),
      file("d/g", ""),
    ],
    tree: { d: "dir 755 @10", "d/e": "dir 755 @11", "d/e/f": 'file 644 "x" @12', "d/g": 'file 644 ""' },
  },
  {
    name: "times of access and change, which are the host's",
    entries: [file("a", "", { mtime: 5, pax: { atime: "7", ctime: "8" } })],
    tree: { a: 'file 644 "" @5' },
  },
  {
    name: "file capabilities, also of a file with an owner",
    entries: [
      file("ping", "x", { mode: 0o755, pax: { "SCHILY.xattr.security.capability": capability } }),
      file("own", "x", { mode: 0o755, uid: 5, gid: 5, pax: { "SCHILY.xattr.security.capability": capability } }),
    ],
    tree: { own: `file 755 "x" 5:5 ${capabilityText}`, ping: `file 755 "x" ${capabilityText}` },
  },
  {
    name: "attributes of users: text, bytes, empty, on a directory",
    entries: [
      file("a", "", { pax: { "SCHILY.xattr.user.text": "a b", "SCHILY.xattr.user.bytes": Uint8Array.of(0, 10, 255) } }),
      directory("d", { pax: { "SCHILY.xattr.user.empty": "" } }),
    ],
    tree: { a: 'file 644 "" user.bytes="0x000aff" user.text="a b"', d: 'dir 755 user.empty=""' },
  },
  {
    name: "an attribute whose name is no UTF-8",
    entries: [file("a", "", { pax: { "SCHILY.xattr.user.\udce9": "x" } })],
    tree: { a: 'file 644 "" user.\udce9="x"' },
  },
  {
    name: "an attribute of 3,000 bytes",
    entries: [file("a", "", { pax: { "SCHILY.xattr.user.long": "v".repeat(3000) } })],
    tree: { a: `file 644 "" user.long="${"v".repeat(3000)}"` },
  },
  {
    name: "attributes of administrators",
    entries: [file("a", "", { pax: { "SCHILY.xattr.trusted.note": "x" } })],
    tree: { a: 'file 644 "" trusted.note="x"' },
  },
  {
    name: "a read-only directory with files that come later",
    entries: [directory("d", { mode: 0o555 }), file("d/a", "x"), directory("d/e", { mode: 0o500 }), file("d/e/b", "y")],
    tree: { d: "dir 555", "d/a": 'file 644 "x"', "d/e": "dir 500", "d/e/b": 'file 644 "y"' },
  },
  {
    name: "attributes of the root",
    entries: [directory("./", { mode: 0o1711, uid: 3, gid: 4, mtime: 9 }), file("a")],
    tree: { ".": "dir 1711 3:4 @9", a: 'file 644 ""' },
  },
];
