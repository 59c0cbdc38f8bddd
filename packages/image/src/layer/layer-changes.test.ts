import { base256, type ForgedEntry, forge, forgeEntry } from "@galley/conformance";
import { decodeName, isGalleyError } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLayer, type LayerEntry } from "../make/create-layer.ts";
import { modelTree } from "../testing/model-tree.ts";
import { collect, flatten, inPieces } from "../testing/streams.ts";
import { layerChanges } from "./layer-changes.ts";

const changesOf = (bytes: Uint8Array, pieceBytes?: number) => flatten(layerChanges(inPieces(bytes, pieceBytes)));
const treeOf = async (bytes: Uint8Array, pieceBytes?: number) => modelTree(await changesOf(bytes, pieceBytes));
const errorOf = (bytes: Uint8Array) =>
  changesOf(bytes).then(
    () => "no error",
    (error: unknown) => (isGalleyError(error) ? `${error.kind} ${error.code}` : String(error)),
  );
const one = async (entry: ForgedEntry) => (await changesOf(forge(entry)))[0];

describe("layerChanges() refuses", () => {
  const refused: [string, ForgedEntry, string][] = [
    ["a name that climbs", { name: "../x" }, "invalid image.entry-escapes"],
    ["a name that climbs in the middle", { name: "a/../../x" }, "invalid image.entry-escapes"],
    ["a name that climbs behind slashes", { name: "/..//x" }, "invalid image.entry-escapes"],
    ["a hard link that climbs", { flag: "1", name: "x", linkName: "../../etc/passwd" }, "invalid image.entry-escapes"],
    ["a pax name that climbs", { name: "x", pax: { path: "../x" } }, "invalid image.entry-escapes"],
    ["an empty name", { name: "" }, "invalid image.entry-name"],
    ["a pax name with a NUL", { pax: { path: "a\0b" } }, "corrupt image.tar"],
    ["a path of 4096 bytes", { pax: { path: `${"d/".repeat(2047)}ab` } }, "invalid image.entry-name"],
    ["a part of 256 bytes", { pax: { path: "n".repeat(256) } }, "invalid image.entry-name"],
    ["a symbolic link to nothing", { flag: "2", linkName: "" }, "invalid image.entry-name"],
    ["a hard link to itself", { flag: "1", name: "a/b", linkName: "/a/./b" }, "invalid image.entry-name"],
    ["a hard link to the root", { flag: "1", name: "a", linkName: "/" }, "invalid image.entry-name"],
    ["a hard link to a whiteout", { flag: "1", name: "a", linkName: ".wh.b" }, "invalid image.entry-name"],
    ["a whiteout of nothing", { name: ".wh." }, "invalid image.entry-name"],
    ["a whiteout of ..", { name: "a/.wh..." }, "invalid image.entry-name"],
    ["an entry beneath a whiteout", { name: ".wh.a/b" }, "invalid image.entry-name"],
    ["the root as a symbolic link", { flag: "2", name: "./", linkName: "/etc" }, "invalid image.entry-root"],
    ["the root as a file", { name: "/" }, "invalid image.entry-root"],
    ["the root as a device", { flag: "3", name: ".", major: 1, minor: 3 }, "invalid image.entry-root"],
    ["the root as a fifo", { flag: "6", name: "a/.." }, "invalid image.entry-root"],
    ["an entry of unknown type", { flag: "V" }, "unsupported image.entry-type"],
    ["a 0/0 device", { flag: "3", major: 0, minor: 0 }, "invalid image.overlay-mark"],
    ["an overlay redirect", { pax: { "SCHILY.xattr.trusted.overlay.redirect": "/" } }, "invalid image.overlay-mark"],
    ["an overlay mark of users", { pax: { "SCHILY.xattr.user.overlay.opaque": "y" } }, "invalid image.overlay-mark"],
    [
      "an attribute of 65537 bytes",
      { pax: { "SCHILY.xattr.user.a": "v".repeat(65_537) } },
      "invalid image.entry-xattr",
    ],
    ["uid -1", { uid: base256(-1n, 8) }, "invalid image.entry-number"],
    ["uid 2^31", { uid: base256(2n ** 31n, 8) }, "invalid image.entry-number"],
    ["gid 2^32-1", { gid: base256(2n ** 32n - 1n, 8) }, "invalid image.entry-number"],
    ["gid 2^32", { pax: { gid: String(2n ** 32n) } }, "invalid image.entry-number"],
    ["uid 2^63 in pax", { pax: { uid: String(2n ** 63n) } }, "invalid image.entry-number"],
    ["uid -1 in pax", { pax: { uid: "-1" } }, "invalid image.entry-number"],
    ["a device major of 4096", { flag: "3", major: 4096, minor: 1 }, "invalid image.entry-number"],
    ["a device minor of 2^20", { flag: "4", major: 1, minor: 2 ** 20 }, "invalid image.entry-number"],
    ["a size of -1", { size: base256(-1n, 12) }, "corrupt image.tar"],
    ["a size of -1 in pax", { pax: { size: "-1" } }, "corrupt image.tar"],
    ["a size of 2^63", { size: base256(2n ** 63n, 12) }, "invalid image.entry-number"],
    ["a size that is no number", { size: "12x4567" }, "corrupt image.tar"],
    ["a wrong checksum", { checksum: "0000001\0" }, "corrupt image.tar"],
    ["a pax record longer than its header", { flag: "x", content: "99 a=b\n" }, "corrupt image.tar"],
    ["a pax header of 2 MiB", { flag: "x", size: 2 * 1024 * 1024 }, "corrupt image.tar"],
  ];
  test.each(refused)("%s", async (_, entry, error) => {
    expect(await errorOf(forge(entry))).toBe(error);
  });
});

describe("layerChanges() reads", () => {
  test("names with leading slashes, dots and inner .. as paths beneath the root", async () => {
    for (const name of ["a/b", "/a/b", "./a/b", "//a///b", "a/./b", "a/c/../b", "./././a/b"])
      expect(await one({ name })).toMatchObject({ path: "a/b" });
  });

  test("the root's own entry as a directory with attributes", async () => {
    expect(await one({ name: "./", flag: "5", mode: 0o700, uid: 7 })).toMatchObject({
      type: "directory",
      path: "",
      attributes: { mode: 0o700, uid: 7 },
    });
  });

  test("pax numbers, times with fractions, and times before 1970", async () => {
    const attributes = { uid: 3_000_000, gid: 7, seconds: 1_700_000_000, nanoseconds: 123_456_789 };
    const pax = { uid: "3000000", gid: "7", mtime: "1700000000.1234567899" };
    expect(await one({ pax })).toMatchObject({ attributes });
    expect(await one({ mtime: base256(-5n, 12) })).toMatchObject({ attributes: { seconds: -5, nanoseconds: 0 } });
    expect(await one({ pax: { mtime: "-1.25" } })).toMatchObject({ attributes: { seconds: -2, nanoseconds: 75e7 } });
    expect(await one({ pax: { mtime: "-0.000000001" } })).toMatchObject({
      attributes: { seconds: -1, nanoseconds: 999_999_999 },
    });
    expect(await one({ mtime: base256(2n ** 33n, 12) })).toMatchObject({ attributes: { seconds: 2 ** 33 } });
  });

  test("mode without type bits", async () => {
    expect(await one({ mode: 0o104755 })).toMatchObject({ attributes: { mode: 0o4755 } });
  });

  test("extended attributes byte for byte, and only those that a layer may carry", async () => {
    const capability = Uint8Array.of(1, 0, 0, 2, 0x80, 0xff, 0, 0, 0xc3, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10);
    const change = await one({
      pax: {
        "SCHILY.xattr.security.capability": capability,
        "SCHILY.xattr.security.selinux": "system_u:object_r:bin_t:s0",
        "SCHILY.xattr.system.posix_acl_access": "x",
        "SCHILY.xattr.security.ima": "x",
        "SCHILY.xattr.user.note": "a=b\nc",
        "SCHILY.xattr.trusted.other": "t",
        "LIBARCHIVE.xattr.user.x": "eA==",
      },
    });
    if (change?.type !== "file") throw new Error("no file");
    expect([...change.xattrs.keys()].sort()).toEqual(["security.capability", "trusted.other", "user.note"]);
    expect([...(change.xattrs.get("security.capability") ?? [])]).toEqual([...capability]);
    expect(Buffer.from(change.xattrs.get("user.note") ?? []).toString()).toBe("a=b\nc");
  });

  test("user attributes only on files and directories", async () => {
    const pax = { "SCHILY.xattr.user.note": "x" };
    expect(await one({ flag: "2", linkName: "t", pax })).toMatchObject({ xattrs: new Map() });
    expect(await one({ flag: "5", pax })).toMatchObject({ xattrs: new Map([["user.note", expect.anything()]]) });
  });

  test("whiteouts, opaque marks, and nothing of an old driver's private files", async () => {
    const archive = forge(
      { name: "a/.wh.b" },
      { name: "a/.wh..wh..opq" },
      { name: ".wh..wh..opq" },
      { name: ".wh..wh.plnk/", flag: "5" },
      { name: ".wh..wh.plnk/12.34", content: "ignored" },
      { name: ".wh..wh.aufs", content: "ignored" },
      { name: "x.wh.y", content: "kept" },
    );
    expect(await changesOf(archive)).toMatchObject([
      { type: "whiteout", path: "a/b" },
      { type: "opaque", path: "a" },
      { type: "opaque", path: "" },
      { type: "file", path: "x.wh.y" },
      { type: "data" },
      { type: "fileEnd" },
    ]);
  });

  test("GNU long names and long link names", async () => {
    const long = `d/${"n".repeat(200)}`;
    const archive = forge(
      { name: "././@LongLink", flag: "L", content: `${long}\0`, magic: "ustar  \0" },
      { name: "././@LongLink", flag: "K", content: `${long}/t\0`, magic: "ustar  \0" },
      { name: "short", flag: "2", linkName: "short", magic: "ustar  \0" },
      { name: "next", magic: "ustar  \0" },
    );
    expect(await changesOf(archive)).toMatchObject([
      { type: "symlink", path: long, target: `${long}/t` },
      { type: "file", path: "next" },
      { type: "fileEnd" },
    ]);
  });

  test("ustar prefixes, and v7 headers without a magic", async () => {
    expect(await one({ name: "b", prefix: "some/a" })).toMatchObject({ path: "some/a/b" });
    expect(await one({ name: "old/", flag: "\0", magic: "" })).toMatchObject({ type: "directory", path: "old" });
    expect(await one({ name: "old", flag: "\0", magic: "" })).toMatchObject({ type: "file", path: "old" });
  });

  test("global pax headers as saying nothing about entries", async () => {
    const content = "16 path=elsewhere\n".replace("16", "18");
    expect(await changesOf(forge({ flag: "g", content }, { name: "here" }))).toMatchObject([
      { path: "here" },
      { type: "fileEnd" },
    ]);
  });

  test("links with a size as having no content", async () => {
    expect(await changesOf(forge({ name: "l", flag: "1", linkName: "/t", size: 5000 }, { name: "n" }))).toMatchObject([
      { type: "link", path: "l", existing: "t" },
      { type: "file", path: "n" },
      { type: "fileEnd" },
    ]);
  });

  test("nothing after the end of the archive", async () => {
    const archive = Buffer.concat([forge({ name: "a" }), forgeEntry({ name: "../../evil" }), Buffer.alloc(70_000)]);
    expect(await changesOf(archive)).toMatchObject([{ path: "a" }, { type: "fileEnd" }]);
  });

  test("archives without their last blocks, and empty ones", async () => {
    expect(await changesOf(forgeEntry({ name: "a", content: "x" }))).toHaveLength(3);
    expect(await changesOf(new Uint8Array())).toEqual([]);
    expect(await changesOf(new Uint8Array(10_240))).toEqual([]);
  });

  test("no archive with an empty block in the middle", async () => {
    const archive = Buffer.concat([forgeEntry({ name: "a" }), new Uint8Array(512), forgeEntry({ name: "b" })]);
    expect(await errorOf(archive)).toBe("corrupt image.tar");
  });
});

describe("layerChanges() and damage:", () => {
  const whole = forge(
    { name: "a", content: "x".repeat(700), pax: { comment: "c" } },
    { name: "b", flag: "5" },
    { name: "c", content: "y" },
  );

  test("every cut is an error or a shorter archive, never anything else", async () => {
    for (let length = 0; length < whole.length; length += 1) {
      const error = await errorOf(whole.subarray(0, length));
      expect(["no error", "corrupt image.truncated"]).toContain(error);
    }
    expect(await errorOf(whole.subarray(0, 512 * 3 + 100))).toBe("corrupt image.truncated");
    expect(await errorOf(whole.subarray(0, 100))).toBe("corrupt image.truncated");
  });

  test("any changed byte is an error of ours or still an archive", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), async (at, byte) => {
        const bent = whole.slice();
        bent[at] = byte;
        expect(await errorOf(bent)).toMatch(/^(no error|(corrupt|invalid|unsupported) image\.)/);
      }),
      { numRuns: 500 },
    );
  });

  test("any bytes at all are an error of ours or an archive", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        expect(await errorOf(bytes)).toMatch(/^(no error|(corrupt|invalid|unsupported) image\.)/);
      }),
    );
  });

  test("limits on entries and bytes hold", async () => {
    const many = forge({ name: "a" }, { name: "b" }, { name: "c" });
    const limited = (limits: object) => flatten(layerChanges(inPieces(many), { limits }));
    await expect(limited({ maxEntries: 2 })).rejects.toMatchObject({ code: "image.too-large" });
    await expect(limited({ maxArchiveBytes: 1000 })).rejects.toMatchObject({ code: "image.too-large" });
    await expect(limited({ maxEntries: 3 })).resolves.toHaveLength(6);
  });
});

const name = fc
  .stringMatching(/^[a-zä€ .-]{1,8}$/)
  .filter((text) => !/^\.{1,2}$/.test(text) && !text.startsWith(".wh."));
const odd = fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => decodeName(bytes.map((byte) => byte | 0x80)));
const path = fc.array(fc.oneof(name, odd), { minLength: 1, maxLength: 30 }).map((parts) => parts.join("/"));
const metadata = {
  mode: fc.nat(0o7777),
  uid: fc.nat(2 ** 31 - 1),
  gid: fc.nat(2 ** 31 - 1),
  seconds: fc.integer({ min: -(2 ** 34), max: 2 ** 34 }),
  nanoseconds: fc.nat(999_999_999),
  xattrs: fc.dictionary(
    fc.stringMatching(/^user\.[a-z=]{1,5}$/).filter((key) => !key.includes("=")),
    fc.uint8Array({ maxLength: 40 }),
    { maxKeys: 2, noNullPrototype: true },
  ),
};
const entry: fc.Arbitrary<LayerEntry> = fc.oneof(
  fc.record({ path, type: fc.constant("file" as const), content: fc.uint8Array({ maxLength: 2000 }), ...metadata }),
  fc.record({ path, type: fc.constant("directory" as const), ...metadata }),
  fc.record({ path, type: fc.constant("symlink" as const), target: path, ...metadata, xattrs: fc.constant({}) }),
  fc.record({
    path,
    type: fc.constant("block" as const),
    major: fc.integer({ min: 1, max: 4095 }),
    minor: fc.nat(2 ** 20 - 1),
    ...metadata,
    xattrs: fc.constant({}),
  }),
);

test("layerChanges() reads what createLayer() wrote, in pieces of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 8 }),
      fc.integer({ min: 1, max: 3000 }),
      async (entries, pieceBytes) => {
        const archive = await collect(createLayer(entries));
        const changes = (await changesOf(archive, pieceBytes)).filter((change) => "path" in change);
        expect(changes).toHaveLength(entries.length);
        expect(await treeOf(archive, pieceBytes)).toEqual(await treeOf(archive));
        for (const [index, written] of entries.entries()) expect(changes[index]).toMatchObject(expectedOf(written));
      },
    ),
    { numRuns: 60 },
  );
});

function expectedOf({ path, type, mode, uid, gid, seconds, nanoseconds, xattrs, target, major, minor }: LayerEntry) {
  return {
    path,
    type,
    attributes: { mode, uid, gid, seconds, nanoseconds },
    xattrs: new Map(
      Object.entries(xattrs ?? {}).map(([key, value]) => [key, expect.objectContaining([...value] as never)]),
    ),
    ...(type === "symlink" ? { target } : {}),
    ...(type === "block" ? { major, minor } : {}),
  };
}
