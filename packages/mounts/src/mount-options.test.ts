import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMountOptions } from "./mount-options.ts";
import { knownOptions } from "./option-table.ts";

describe("parseMountOptions() understands", () => {
  const cases: readonly [string, readonly string[], object][] = [
    [
      "podman's proc",
      ["nosuid", "noexec", "nodev"],
      { top: { set: ["noSuid", "noExec", "noDev"], clear: [] }, data: [] },
    ],
    [
      "podman's /dev",
      ["nosuid", "strictatime", "mode=755", "size=65536k"],
      { top: { set: ["noSuid", "strictAccessTime"], clear: [] }, data: ["mode=755", "size=65536k"] },
    ],
    ["a bind", ["bind", "ro"], { bind: "one", top: { set: ["readOnly"], clear: [] } }],
    ["a recursive bind", ["rbind", "rw"], { bind: "tree", top: { set: [], clear: ["readOnly"] } }],
    [
      "the opposites",
      ["suid", "dev", "exec", "diratime", "symfollow"],
      { top: { set: [], clear: ["noSuid", "noDev", "noExec", "noDirectoryAccessTime", "noSymlinkFollow"] } },
    ],
    [
      "that the later option wins",
      ["ro", "rw", "noexec", "exec", "exec", "noexec"],
      { top: { set: ["noExec"], clear: ["readOnly"] } },
    ],
    [
      "that access times exclude each other",
      ["noatime", "relatime", "strictatime"],
      { top: { set: ["strictAccessTime"], clear: [] } },
    ],
    [
      "the recursive family",
      ["rbind", "rro", "rnosuid", "rsymfollow", "rnoatime"],
      {
        tree: { set: ["readOnly", "noSuid", "noAccessTime"], clear: ["noSymlinkFollow"] },
        top: { set: [], clear: [] },
      },
    ],
    [
      "propagation, in order",
      ["rslave", "shared"],
      {
        propagation: [
          { type: "slave", recursive: true },
          { type: "shared", recursive: false },
        ],
      },
    ],
    ["defaults, which change nothing", ["defaults", ""], { top: { set: [], clear: [] }, data: [] }],
    ["remount", ["remount", "bind", "ro"], { remount: true, bind: "one" }],
    ["several options in one word", ["size=1m,mode=1777,huge"], { data: ["size=1m", "mode=1777", "huge"] }],
    ["commas of a memory policy", ["mpol=interleave:0,2-3,size=1m"], { data: ["mpol=interleave:0,2-3", "size=1m"] }],
    [
      "a quoted label",
      ['context="system_u:object_r:container_file_t:s0:c1,c2",size=1m'],
      { data: ["context=system_u:object_r:container_file_t:s0:c1,c2", "size=1m"] },
    ],
    ["superblock words as data", ["sync", "dirsync", "lazytime"], { data: ["sync", "dirsync", "lazytime"] }],
    [
      "that relatime is no recursive form of elatime",
      ["relatime"],
      { top: { set: ["relativeAccessTime"], clear: [] }, tree: { set: [], clear: [] } },
    ],
  ];
  test.each(cases)("%s", (_, options, expected) => {
    expect(parseMountOptions(options)).toMatchObject(expected);
  });
});

describe("parseMountOptions() refuses", () => {
  test.each(["idmap", "ridmap", "tmpcopyup", "silent", "loud"])("%s as unsupported", (option) => {
    expect(() => parseMountOptions(["ro", option])).toThrow(
      expect.objectContaining({ kind: "unsupported", details: { option } }),
    );
  });

  test("options that are malformed or too long", () => {
    for (const option of ["size=\0", "=x", `lowerdir=${"x".repeat(256)}`]) {
      expect(() => parseMountOptions([option])).toThrow(expect.objectContaining({ kind: "invalid" }));
    }
  });
});

test("parseMountOptions() never ignores a word: each changes something or is data", () => {
  const plain = JSON.stringify(parseMountOptions([]));
  for (const option of knownOptions.filter((word) => word !== "defaults")) {
    expect(JSON.stringify(parseMountOptions([option])), option).not.toBe(plain);
  }
});

test("parseMountOptions() keeps unknown words as data, whatever they are", () => {
  const word = fc.stringMatching(/^[a-z_]{1,12}(=[A-Za-z0-9:/_.-]{0,40})?$/);
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const unknown = words.filter(
        (each) => !knownOptions.includes(each) && !["idmap", "ridmap", "tmpcopyup", "silent", "loud"].includes(each),
      );
      expect(parseMountOptions(unknown).data).toEqual(unknown);
    }),
  );
});

test("parseMountOptions() takes names of JavaScript's own for data", () => {
  const words = ["__proto__", "constructor", "toString", "rconstructor"];
  expect(parseMountOptions(words).data).toEqual(words);
});

test("parseMountOptions() never sets and clears the same attribute, nor two kinds of access time", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...knownOptions)), (options) => {
      const { top, tree } = parseMountOptions(options);
      for (const { set, clear } of [top, tree]) {
        expect(set.filter((flag) => clear.includes(flag))).toEqual([]);
        expect(
          set.filter((flag) => ["noAccessTime", "strictAccessTime", "relativeAccessTime"].includes(flag)).length,
        ).toBeLessThanOrEqual(1);
        expect(clear).not.toContain("noAccessTime");
      }
    }),
  );
});
