import { device, directory, file, symlink } from "../forge/entries.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const mark = { refused: "image.overlay-mark" };
const standsFor = "UNP-17: marks of overlayfs";

/** Attributes that overlayfs gives a meaning (kernel, Documentation/filesystems/overlayfs.rst). */
const names = [
  "opaque",
  "redirect",
  "metacopy",
  "origin",
  "impure",
  "nlink",
  "upper",
  "uuid",
  "protattr",
  "whiteout",
  "whiteouts",
  "overlay.opaque",
];

/** What another program would take for a mark of its own. */
export const hostileOverlay: readonly HostileArchive[] = [
  ...["trusted", "user"].flatMap((space) =>
    names.map((name) => ({
      name: `the attribute ${space}.overlay.${name}`,
      standsFor,
      entries: [
        directory("d", { pax: { [`SCHILY.xattr.${space}.overlay.${name}`]: name === "redirect" ? "/.." : "y" } }),
      ],
      expected: mark,
    })),
  ),
  {
    name: "a mark on the root",
    standsFor,
    entries: [directory("./", { pax: { "SCHILY.xattr.trusted.overlay.opaque": "y" } })],
    expected: mark,
  },
  {
    name: "a mark on a symbolic link",
    standsFor,
    entries: [symlink("l", "t", { pax: { "SCHILY.xattr.trusted.overlay.redirect": "/" } })],
    expected: mark,
  },
  {
    name: "the device 0:0, which is a whiteout",
    standsFor,
    entries: [file("a", "x"), device("b", [0, 0])],
    expected: mark,
  },
  {
    name: "a mark in another program's records, which say nothing",
    standsFor,
    entries: [
      directory("d", { pax: { "LIBARCHIVE.xattr.trusted.overlay.opaque": "eQ==", "RHT.security.selinux": "x" } }),
    ],
    expected: { contained: { d: "dir 755" } },
  },
  {
    name: "labels, lists and signatures, which are the host's",
    standsFor: "attributes of other subsystems",
    entries: [
      file("a", "x", {
        pax: {
          "SCHILY.xattr.security.selinux": "system_u:object_r:shadow_t:s0",
          "SCHILY.xattr.security.ima": "x",
          "SCHILY.xattr.security.evm": "x",
          "SCHILY.xattr.security.apparmor": "x",
          "SCHILY.xattr.system.posix_acl_access": Buffer.from("0200000001000600ffffffff", "hex"),
          "SCHILY.xattr.system.posix_acl_default": "x",
          "SCHILY.acl.access": "user::rwx",
          "SCHILY.fflags": "uappnd",
        },
      }),
    ],
    expected: { contained: { a: 'file 644 "x"' } },
  },
  {
    name: "a file capability that is none",
    standsFor: "attributes that the kernel refuses",
    entries: [file("a", "x", { pax: { "SCHILY.xattr.security.capability": "nonsense" } })],
    expected: { refused: "stage.step-failed" },
  },
  {
    name: "an attribute of 65,537 bytes",
    standsFor: "attributes beyond the kernel's limits",
    entries: [file("a", "x", { pax: { "SCHILY.xattr.user.a": "v".repeat(65_537) } })],
    expected: { refused: "image.entry-xattr" },
  },
  {
    name: "an attribute whose name has 256 bytes",
    standsFor: "attributes beyond the kernel's limits",
    entries: [file("a", "x", { pax: { [`SCHILY.xattr.user.${"n".repeat(251)}`]: "v" } })],
    expected: { refused: "image.entry-xattr" },
  },
  {
    name: "an attribute without a name behind its space",
    standsFor: "attributes that the kernel refuses",
    entries: [file("a", "x", { pax: { "SCHILY.xattr.user.": "v" } })],
    expected: { contained: { a: 'file 644 "x"' } },
  },
  {
    name: "an attribute whose name has a NUL",
    standsFor: "names that C reads otherwise",
    entries: [file("a", "x", { pax: { "SCHILY.xattr.trusted.overlay\0.opaque": "y" } })],
    expected: { refused: "image.entry-xattr" },
  },
];
