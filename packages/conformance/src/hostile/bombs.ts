import { directory, file } from "../forge/entries.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const tebibyte = 2 ** 40;
const expansion = { refused: "image.expansion" };
const standsFor = "CVE-2017-14992: layers that grow";

/** Little that becomes much. Those that are refused are so before a gibibyte is written. */
export const hostileBombs: readonly HostileArchive[] = [
  {
    name: "a tebibyte of zeros in one file",
    standsFor,
    entries: [file("a", { fillBytes: tebibyte - 1 })],
    transports: ["gzip members", "zstd frames", "gzip", "zstd"],
    expected: expansion,
  },
  {
    name: "a tebibyte of zeros behind the end",
    standsFor,
    entries: [file("a", "x")],
    after: { fillBytes: tebibyte },
    transports: ["gzip members", "zstd frames"],
    expected: expansion,
  },
  {
    name: "100 files of 100 MiB of zeros",
    standsFor,
    entries: Array.from({ length: 100 }, (_, index) => file(`f${index}`, { fillBytes: 100 * 2 ** 20 })),
    transports: ["gzip members", "zstd frames"],
    expected: expansion,
  },
  {
    name: "one name 100 times with 100 MiB of zeros",
    standsFor,
    entries: Array.from({ length: 100 }, () => file("f", { fillBytes: 100 * 2 ** 20 })),
    transports: ["gzip members"],
    expected: expansion,
  },
  {
    name: "a directory that says it has a tebibyte of content",
    standsFor: "archives that readers see differently",
    entries: [directory("d", { content: { fillBytes: 2 ** 20 } }), file("a", "x")],
    expected: { contained: { d: "dir 755" } },
  },
  {
    name: "20,000 opaque marks of one directory",
    standsFor: "CVE-2026-95838",
    entries: [directory("d"), ...Array.from({ length: 20_000 }, () => file("d/.wh..wh..opq"))],
    expected: { contained: { d: "dir 755 opaque" } },
  },
  {
    name: "20,000 whiteouts of one name",
    standsFor: "CVE-2026-95838",
    entries: Array.from({ length: 20_000 }, () => file("d/.wh.f")),
    expected: { contained: { d: "dir 755 @now", "d/f": "whiteout" } },
  },
  {
    name: "10 names, each in 1,500 directories of its own",
    standsFor: "names that cost more than they say",
    entries: Array.from({ length: 10 }, (_, index) => ({ pax: { path: `${index}/${"d/".repeat(1500)}f` } })),
    transports: ["zstd"],
    expected: { contained: "anything" },
  },
];
