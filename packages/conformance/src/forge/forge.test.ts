import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { base256, forge, forgeEntry } from "./forge.ts";
import { forgeArchive } from "./forge-archive.ts";
import { paxRecord } from "./pax-record.ts";

const text = (bytes: Uint8Array, at: number, length: number) =>
  Buffer.from(bytes)
    .toString("latin1", at, at + length)
    .replace(/\0.*$/, "");

describe("forge()", () => {
  test("writes a legal header unless told otherwise: fields where ustar has them, and the right sum", () => {
    const archive = forge({ name: "a", content: "hello", mode: 0o4755, uid: 5, mtime: 9 });
    expect(archive).toHaveLength(512 + 512 + 1024);
    expect([text(archive, 0, 100), text(archive, 100, 8), text(archive, 108, 8), text(archive, 124, 12)]).toEqual([
      "a",
      "0004755",
      "0000005",
      "00000000005",
    ]);
    const blank = new Uint8Array(archive.subarray(0, 512)).fill(0x20, 148, 156);
    const sum = blank.reduce((total, byte) => total + byte, 0);
    expect(Number.parseInt(text(archive, 148, 8), 8)).toBe(sum);
  });

  test("writes what no program should: another size, another sum, any bytes anywhere, names that are no UTF-8", () => {
    const block = forgeEntry({ name: "\udce9", size: "what?", checksum: "none", raw: { 500: "tail" } });
    expect(block[0]).toBe(0xe9);
    expect([text(block, 124, 12), text(block, 148, 8), text(block, 500, 12)]).toEqual(["what?", "none    ", "tail"]);
  });

  test("writes numbers that octal cannot hold in base-256", () => {
    expect([...forgeEntry({ uid: 2 ** 31 }).subarray(108, 116)]).toEqual([0x80, 0, 0, 0, 0x80, 0, 0, 0]);
    expect([...base256(-1n, 8)]).toEqual([255, 255, 255, 255, 255, 255, 255, 255]);
  });
});

describe("forgeArchive()", () => {
  test("cuts, leaves out the end, and puts things behind it", () => {
    const bytes = (archive: Parameters<typeof forgeArchive>[0]) => Buffer.concat([...forgeArchive(archive)]);
    expect(bytes({ entries: [], endBlocks: 0 })).toHaveLength(0);
    expect(bytes({ entries: [{}], endBlocks: 1 })).toHaveLength(1024);
    expect(bytes({ entries: [{}], cut: 100 })).toHaveLength(100);
    expect(
      bytes({ entries: [], after: { fillBytes: 3, fill: "x" } })
        .subarray(1024)
        .toString(),
    ).toBe("xxx");
  });

  test("replaces words in all text of an entry, before lengths are counted", () => {
    const [header, records] = [
      ...forgeArchive({ entries: [{ pax: { path: "{up}/a" } }], words: { "{up}": "../longer" } }),
    ];
    expect(Buffer.from(records ?? []).toString()).toBe("20 path=../longer/a\n");
    expect(text(header ?? new Uint8Array(), 124, 12)).toBe("00000000024");
  });

  test("never holds a bomb", () => {
    let sizeBytes = 0;
    for (const chunk of forgeArchive({ entries: [{ content: { fillBytes: 2 ** 36 } }] })) {
      expect(chunk.length).toBeLessThanOrEqual(2 ** 20);
      sizeBytes += chunk.length;
      if (sizeBytes > 2 ** 24) break;
    }
  });
});

test("paxRecord() counts its own digits", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 1200 }), (value) => {
      const record = Buffer.from(paxRecord("key", value));
      expect(Number.parseInt(record.toString(), 10)).toBe(record.length);
      expect(record.at(-1)).toBe(0x0a);
    }),
  );
});
