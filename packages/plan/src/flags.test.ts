import { expect, test } from "vitest";
import { flagBits, flagSets } from "./flags.ts";

test("flagBits() adds the bits of names by their position, in any order and however often", () => {
  expect(flagBits("open", [])).toBe(0);
  expect(flagBits("open", ["read"])).toBe(1);
  expect(flagBits("open", ["directory", "read"])).toBe(65);
  expect(flagBits("open", ["read", "read"])).toBe(1);
});

test("flagBits() refuses a name that the set does not have", () => {
  expect(() => flagBits("open", ["recursive"])).toThrow(
    expect.objectContaining({ kind: "invalid", message: "unknown flag recursive of open" }),
  );
});

test("flagSets keep the positions that encoded plans rely on", () => {
  expect(flagSets).toMatchInlineSnapshot(`
    {
      "attributes": [
        "owner",
        "mode",
        "times",
      ],
      "label": [
        "exec",
        "key",
        "socket",
        "fileCreate",
      ],
      "mount": [
        "readOnly",
        "noSuid",
        "noDev",
        "noExec",
        "noAccessTime",
        "strictAccessTime",
        "relativeAccessTime",
        "noDirectoryAccessTime",
        "noSymlinkFollow",
      ],
      "namespaces": [
        "user",
        "mount",
        "pid",
        "network",
        "uts",
        "ipc",
        "cgroup",
        "time",
      ],
      "open": [
        "read",
        "write",
        "append",
        "create",
        "exclusive",
        "truncate",
        "directory",
        "pathOnly",
        "noFollow",
        "nonBlocking",
      ],
      "place": [
        "replace",
        "keepDirectory",
      ],
      "propagation": [
        "private",
        "slave",
        "shared",
        "unbindable",
      ],
      "seccomp": [
        "log",
        "speculationAllowed",
        "threadSync",
      ],
      "tree": [
        "recursive",
        "noFollow",
      ],
      "unlink": [
        "directory",
      ],
      "write": [
        "proc",
        "cgroup",
        "sys",
        "truncate",
      ],
    }
  `);
});

test("flagSets have distinct names that fit 31 bits", () => {
  for (const names of Object.values<readonly string[]>(flagSets)) {
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeLessThan(32);
  }
});
