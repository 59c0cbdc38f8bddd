import type { ForgedEntry } from "../forge/forged-entry.ts";
import type { HostileArchive } from "../suite/archive-case.ts";

const kinds: Readonly<Record<string, ForgedEntry>> = {
  "a file": { content: "x" },
  "a symbolic link": { flag: "2", linkName: "{up}" },
  "a hard link": { flag: "1", linkName: "{up}/victim" },
  "a fifo": { flag: "6" },
  "a device": { flag: "3", major: 1, minor: 3 },
};

/** Entries for the root that would make it something other than a directory (UNP-07). */
export const hostileRoots: readonly HostileArchive[] = [".", "./", "/", "a/..", ".//./a/../"].flatMap((root) =>
  Object.entries(kinds).map(([kind, entry]) => ({
    name: `the root, as ${root}, made ${kind}`,
    standsFor: "CVE-2021-29136",
    entries: [
      { ...entry, name: root },
      { name: "new", content: "x" },
    ],
    expected: { refused: "image.entry-root" },
  })),
);
