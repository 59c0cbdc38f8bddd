import { decodeName } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layerChanges } from "../layer/layer-changes.ts";
import { createTarReader } from "../tar/tar-reader.ts";
import { type EntryModel, modelEntry, modelWalk } from "../testing/model-entries.ts";
import { modelTree } from "../testing/model-tree.ts";
import { collect, flatten, inPieces } from "../testing/streams.ts";
import { changesOf } from "./changes-of.ts";
import type { TreeEntry } from "./tree-entry.ts";
import { writeChanges } from "./write-changes.ts";
import { writeLayer } from "./write-layer.ts";

const whiteout = { type: "character", mode: 0 } as const;
const directory = { type: "directory", mode: 0o755 } as const;

async function readBack(models: readonly EntryModel[], options: Parameters<typeof writeLayer>[1] = {}) {
  const bytes = await collect(writeLayer(modelWalk(models), options));
  return flatten(layerChanges(inPieces(bytes, 1000)));
}

/** All that can be told of changes, in one order and without how data was cut. */
function described(changes: Parameters<typeof modelTree>[0]): [string, unknown][] {
  return [...modelTree(changes)].map(([path, node]) => [path, { ...node, content: node.content?.toString("latin1") }]);
}

describe("writeLayer()", () => {
  test("keeps types, modes, owners, seconds, targets, devices and extended attributes", async () => {
    const odd = decodeName(Buffer.of(0x61, 0xe9, 0x62));
    const changes = await readBack([
      { path: "dev", ...directory, mode: 0o1777, uid: 7, gid: 2 ** 31 - 1 },
      { path: "dev/null", type: "character", device: { major: 1, minor: 3 }, mode: 0o666 },
      { path: "dev/sda", type: "block", device: { major: 4095, minor: 2 ** 20 - 1 } },
      { path: "fifo", type: "fifo", mode: 0o600 },
      {
        path: "file",
        mode: 0o6755,
        content: "hello",
        mtimeSeconds: -5,
        xattrs: { "security.capability": "c", "user.a": "" },
      },
      { path: "link", type: "symlink", linkTarget: odd, mode: 0o777, xattrs: { "user.no": "x", "trusted.yes": "y" } },
      { path: odd, content: "latin" },
      { path: "socket", type: "socket" },
      { path: `${"long/".repeat(300)}name`, content: "deep" },
    ]);
    const tree = new Map(described(changes));
    const common = { uid: 0, gid: 0, seconds: 1_700_000_000, nanoseconds: 0, xattrs: {} };
    expect(Object.fromEntries(tree)).toEqual({
      "": { ...common, type: "directory", mode: 0o755, content: undefined },
      dev: { ...common, type: "directory", mode: 0o1777, uid: 7, gid: 2 ** 31 - 1, content: undefined },
      "dev/null": { ...common, type: "character", device: "1:3", mode: 0o666, content: undefined },
      "dev/sda": { ...common, type: "block", device: "4095:1048575", mode: 0o644, content: undefined },
      fifo: { ...common, type: "fifo", mode: 0o600, content: undefined },
      file: {
        ...common,
        type: "file",
        mode: 0o6755,
        seconds: -5,
        content: "hello",
        xattrs: { "security.capability": "63", "user.a": "" },
      },
      link: {
        ...common,
        type: "symlink",
        mode: 0o777,
        target: odd,
        xattrs: { "trusted.yes": "79" },
        content: undefined,
      },
      [odd]: { ...common, type: "file", mode: 0o644, content: "latin" },
      [`${"long/".repeat(300)}name`]: { ...common, type: "file", mode: 0o644, content: "deep" },
    });
  });

  test("gives the same bytes for the same tree, and whole seconds unless told otherwise", async () => {
    const tree = [{ path: "a", content: "x", mtimeNanoseconds: 5, xattrs: { "user.b": "1", "user.a": "2" } }];
    const bytes = await collect(writeLayer(modelWalk(tree)));
    const turned = [{ ...tree[0], path: "a", xattrs: { "user.a": "2", "user.b": "1" }, mtimeNanoseconds: 7 }];
    expect(Buffer.compare(await collect(writeLayer(modelWalk(turned))), bytes)).toBe(0);
    expect(await readBack(tree, { times: "exact" })).toContainEqual(
      expect.objectContaining({ path: "a", attributes: expect.objectContaining({ nanoseconds: 5 }) }),
    );
  });

  test("writes the first name of a file and links for the others, by file system and inode", async () => {
    const names = (path: string, inode: bigint, minor = 1): EntryModel => ({
      ...{ path, inode, links: 3, content: "same", fileSystem: { major: 8, minor } },
    });
    const changes = await readBack([
      names("a", 5n),
      names("b", 6n),
      { path: "d", ...directory, links: 2, inode: 5n },
      names("d/c", 5n),
      names("e", 5n, 2),
      { path: "s", type: "symlink", linkTarget: "x", links: 2, inode: 9n },
      { path: "t", type: "symlink", linkTarget: "x", links: 2, inode: 9n },
    ]);
    expect(changes.filter(({ type }) => type === "link")).toEqual([
      { type: "link", path: "d/c", existing: "a" },
      { type: "link", path: "t", existing: "s" },
    ]);
    expect(changes.filter(({ type }) => type === "file")).toHaveLength(3);
  });

  test("says of a link what it says of its file, since other engines set that through each name", async () => {
    const file = {
      mode: 0o4755,
      uid: 3,
      gid: 4,
      links: 2,
      inode: 5n,
      content: "x",
      xattrs: { "security.capability": "c" },
    };
    const bytes = await collect(
      writeLayer(
        modelWalk([
          { path: "a", ...file },
          { path: "b", ...file },
        ]),
      ),
    );
    const reader = createTarReader({ maxArchiveBytes: 2 ** 20 });
    const headers = reader.read(bytes).flatMap((event) => (event.type === "entry" ? [event.header] : []));
    const told = { mode: 0o4755, uid: 3, gid: 4, seconds: 1_700_000_000 };
    expect(headers.slice(1)).toMatchObject([
      { name: "a", flag: "0", sizeBytes: 1, ...told },
      { name: "b", flag: "1", linkName: "a", sizeBytes: 0, ...told },
    ]);
    for (const { records } of headers.slice(1))
      expect(Buffer.from(records.get("SCHILY.xattr.security.capability") ?? []).toString()).toBe("c");
  });

  test("turns overlay's marks into whiteouts and drops what overlay keeps for itself", async () => {
    const changes = await readBack(
      [
        { path: "gone", ...whiteout, links: 9, inode: 3n },
        { path: "kept", xattrs: { "trusted.overlay.origin": "x", "trusted.overlay.uuid": "u", "trusted.mine": "y" } },
        { path: "new", ...directory, xattrs: { "trusted.overlay.opaque": "y", "trusted.overlay.impure": "y" } },
        { path: "new/.x", content: "1" },
        { path: "old", ...directory, xattrs: { "trusted.overlay.opaque": "n", "trusted.overlay.overlay.opaque": "y" } },
        { path: "old/gone", ...whiteout, links: 9, inode: 3n },
      ],
      { marks: "trusted" },
    );
    const said = changes.flatMap((change) => ("path" in change ? [`${change.type} ${change.path}`] : []));
    expect(said).toEqual([
      "directory ",
      "whiteout gone",
      "file kept",
      "directory new",
      "opaque new",
      "file new/.x",
      "directory old",
      "whiteout old/gone",
    ]);
    expect(changes.flatMap((change) => ("xattrs" in change ? [...change.xattrs.keys()] : []))).toEqual([
      "trusted.mine",
    ]);
  });

  test("takes user.overlay marks where asked", async () => {
    const tree: EntryModel[] = [{ path: "d", ...directory, xattrs: { "user.overlay.opaque": "y" } }];
    expect(await readBack(tree, { marks: "user" })).toContainEqual({ type: "opaque", path: "d" });
    expect(await readBack(tree, { marks: "trusted" })).not.toContainEqual({ type: "opaque", path: "d" });
  });

  test("reads whiteouts of names as long as a name can be", async () => {
    const path = `d/${"x".repeat(255)}`;
    const changes = await readBack(
      [
        { path: "d", ...directory },
        { path, ...whiteout },
      ],
      { marks: "trusted" },
    );
    expect(changes).toContainEqual({ type: "whiteout", path });
  });

  test.each([
    ["redirect", "trusted.overlay.redirect"],
    ["metacopy", "trusted.overlay.metacopy"],
    ["a whiteout by attribute", "trusted.overlay.whiteout"],
  ])("refuses %s: what the file holds lies elsewhere", async (_, name) => {
    const writing = readBack([{ path: "a", xattrs: { [name]: "" } }], { marks: "trusted" });
    await expect(writing).rejects.toMatchObject({ kind: "unsupported", code: "image.overlay-redirect" });
  });

  test("refuses names that would be whiteouts, unless it is no layer, and 0/0 devices in a plain tree", async () => {
    const named = [{ path: "d/.wh.x" }];
    await expect(readBack(named)).rejects.toMatchObject({ kind: "unsupported", code: "image.whiteout-name" });
    const archive = Buffer.from(await collect(writeLayer(modelWalk(named), { as: "archive" }))).toString("latin1");
    expect(archive).toContain("d/.wh.x\0");
    await expect(readBack([{ path: "a", ...whiteout }])).rejects.toMatchObject({ code: "image.overlay-mark" });
  });

  test("fills a file up that got shorter in a live tree, and fails otherwise", async () => {
    async function* shrunk(): AsyncGenerator<TreeEntry> {
      yield {
        ...modelEntry({ path: "log", sizeBytes: 700_000 }),
        async *content() {
          yield Buffer.from("begin");
          throw Object.assign(new Error("it shrank"), { kind: "conflict" });
        },
      };
    }
    await expect(collect(writeLayer(shrunk()))).rejects.toThrow("it shrank");
    const changes = await flatten(layerChanges(inPieces(await collect(writeLayer(shrunk(), { live: true })))));
    const content = new Map(described(changes)).get("log") as { content: string };
    expect(content.content.length).toBe(700_000);
    expect(content.content.replaceAll("\0", "")).toBe("begin");
  });

  test("streams 9 GiB in little memory, with the size in a pax header", { timeout: 60_000 }, async () => {
    const sizeBytes = 9 * 2 ** 30 + 1;
    const zeros = Buffer.alloc(256 * 1024);
    async function* huge(): AsyncGenerator<TreeEntry> {
      yield {
        ...modelEntry({ path: "huge", sizeBytes }),
        async *content() {
          for (let left = sizeBytes; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
        },
      };
    }
    let total = 0;
    let head = "";
    for await (const chunk of writeLayer(huge())) {
      head ||= Buffer.from(chunk).toString("latin1");
      total += chunk.length;
    }
    expect(head).toContain(`size=${sizeBytes}\n`);
    expect(total).toBe(512 * 3 + Math.ceil(sizeBytes / 512) * 512 + 1024);
  });

  test("gives back every tree that it can hold", async () => {
    const name = fc
      .uint8Array({ minLength: 1, maxLength: 130 })
      .map((bytes) => decodeName(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x78 : byte))))
      .filter((text) => text !== "." && text !== ".." && !text.startsWith(".wh."));
    const entry = fc.record({
      path: name,
      mode: fc.integer({ min: 0, max: 0o7777 }),
      uid: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      gid: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      mtimeSeconds: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
      mtimeNanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
      content: fc.uint8Array({ maxLength: 1200 }),
    });
    const trees = fc.uniqueArray(entry, { selector: ({ path }) => path, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const changes = await readBack(tree, { times: "exact" });
        const found = described(changes).slice(1);
        expect(found).toEqual(
          tree.map(({ path, content, mtimeSeconds: seconds, mtimeNanoseconds: nanoseconds, ...rest }) => [
            path,
            {
              ...rest,
              type: "file",
              seconds,
              nanoseconds,
              xattrs: {},
              content: Buffer.from(content).toString("latin1"),
            },
          ]),
        );
      }),
      { numRuns: 60 },
    );
  });
});

describe("writeChanges()", () => {
  test("gives back the changes of a layer, holes as zeros", async () => {
    const attributes = { uid: 1, gid: 2, mode: 0o600, seconds: 3, nanoseconds: 0 };
    async function* sparse() {
      yield [{ type: "file", path: "f", attributes, xattrs: new Map(), sizeBytes: 600_003 }] as const;
      yield [
        { type: "data", bytes: Buffer.from("ab") },
        { type: "hole", sizeBytes: 600_000 },
      ] as const;
      yield [{ type: "data", bytes: Buffer.from("c") }, { type: "fileEnd" }] as const;
    }
    const changes = await flatten(layerChanges(inPieces(await collect(writeChanges(sparse())))));
    const { content } = new Map(described(changes)).get("f") as { content: string };
    expect([content.length, content.replaceAll("\0", "")]).toEqual([600_003, "abc"]);
  });

  test.each([
    ["too few bytes", [{ type: "data", bytes: Buffer.from("a") }, { type: "fileEnd" }]],
    ["too many bytes", [{ type: "data", bytes: Buffer.from("abc") }]],
    ["too large a hole", [{ type: "hole", sizeBytes: 3 }]],
    ["no end", [{ type: "data", bytes: Buffer.from("ab") }]],
    ["another entry within", [{ type: "whiteout", path: "x" }]],
  ] as const)("refuses a file with %s", async (_, rest) => {
    const attributes = { uid: 1, gid: 2, mode: 0o600, seconds: 3, nanoseconds: 0 };
    async function* changes() {
      yield [{ type: "file", path: "f", attributes, xattrs: new Map(), sizeBytes: 2 } as const, ...rest];
    }
    await expect(collect(writeChanges(changes()))).rejects.toMatchObject({ code: "image.file-size" });
  });

  test("refuses bytes of no file", async () => {
    async function* changes() {
      yield [{ type: "data", bytes: Buffer.from("a") } as const];
    }
    await expect(collect(writeChanges(changes()))).rejects.toMatchObject({ code: "image.file-size" });
  });
});

test("changesOf() leaves a tree's content unread when its reader stops", async () => {
  let closed = false;
  async function* tree(): AsyncGenerator<TreeEntry> {
    try {
      yield modelEntry({ path: "a", content: "x" });
      yield modelEntry({ path: "b", content: "x" });
    } finally {
      closed = true;
    }
  }
  for await (const _ of changesOf(tree())) break;
  expect(closed).toBe(true);
});
