import { gzipSync, zstdCompressSync } from "node:zlib";
import { isGalleyError } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collect, inPieces } from "../testing/streams.ts";
import { compress } from "./compress.ts";
import { decompress } from "./decompress.ts";

const text = Buffer.from(Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join(""));
const codeOf = (bytes: Uint8Array, pieceBytes?: number) =>
  collect(decompress(inPieces(bytes, pieceBytes))).then(
    (output) => (Buffer.compare(output, text) === 0 ? "same" : "other"),
    (error: unknown) => (isGalleyError(error) ? `${error.kind} ${error.code}` : String(error)),
  );

describe("decompress()", () => {
  test.each([
    ["gzip", gzipSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["none", text],
  ])("tells %s by its first bytes, in pieces of any size", async (_, bytes) => {
    for (const pieceBytes of [1, 2, 3, 7, 1000, bytes.length]) expect(await codeOf(bytes, pieceBytes)).toBe("same");
  });

  test("reads several gzip members and several zstd frames, split anywhere", async () => {
    const [head, tail] = [text.subarray(0, 1000), text.subarray(1000)];
    for (const each of [gzipSync, zstdCompressSync]) {
      const both = Buffer.concat([each(head), each(tail)]);
      for (const pieceBytes of [1, 13, each(head).length, both.length])
        expect(await codeOf(both, pieceBytes)).toBe("same");
    }
  });

  test("passes over zstd frames that are to be skipped", async () => {
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    expect(await codeOf(Buffer.concat([skippable, zstdCompressSync(text), skippable]))).toBe("same");
  });

  test.each([
    ["gzip", gzipSync(text)],
    ["zstd", zstdCompressSync(text)],
  ])("takes %s that ends early as truncated, at every length", async (_, bytes) => {
    for (let length = 5; length < bytes.length; length += Math.ceil(bytes.length / 97))
      expect(await codeOf(bytes.subarray(0, length)), `${length} of ${bytes.length}`).toBe("corrupt image.truncated");
    expect(await codeOf(bytes.subarray(0, bytes.length - 1), 100)).toBe("corrupt image.truncated");
  });

  test("takes changed bytes as damage or as truncated, or does not see them", async () => {
    for (const bytes of [gzipSync(text), zstdCompressSync(text)])
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 4, max: bytes.length - 1 }), fc.nat(255), async (at, byte) => {
          const bent = Uint8Array.from(bytes);
          bent[at] = byte;
          expect(await codeOf(bent)).toMatch(/^(same|other|corrupt image\.(truncated|compression))$/);
        }),
      );
  });

  test("passes over zeros after gzip, and takes anything else there as damage", async () => {
    const padded = Buffer.concat([gzipSync(text), Buffer.alloc(600)]);
    for (const pieceBytes of [padded.length, 100]) expect(await codeOf(padded, pieceBytes)).toBe("same");
    expect(await codeOf(Buffer.concat([gzipSync(text), Buffer.from("garbage")]))).toBe("corrupt image.compression");
  });

  test("refuses what grows beyond a given ratio, and only then", async () => {
    const zeros = gzipSync(Buffer.alloc(20_000_000));
    const limited = (ratio: number, floorBytes = 1_000_000) =>
      collect(decompress(inPieces(zeros, 1000), { maxExpansion: { ratio, floorBytes } }));
    await expect(limited(100)).rejects.toMatchObject({ kind: "unsupported", code: "image.expansion" });
    await expect(limited(2000)).resolves.toHaveLength(20_000_000);
    await expect(limited(1, 20_000_000)).resolves.toHaveLength(20_000_000);
  });

  test("passes on the error of its input", async () => {
    const broken = async function* () {
      yield gzipSync(text).subarray(0, 50);
      throw new RangeError("the line is cut");
    };
    await expect(collect(decompress(broken()))).rejects.toMatchObject({
      message: expect.stringContaining("the line is cut"),
    });
  });

  test.each([gzipSync(text), zstdCompressSync(text)])("stops at a signal", async (bytes) => {
    const endless = async function* () {
      yield bytes.subarray(0, 50);
      await new Promise(() => {});
    };
    const stop = new AbortController();
    const reading = collect(decompress(endless(), { signal: stop.signal }));
    setTimeout(() => stop.abort(), 10);
    await expect(reading).rejects.toMatchObject({ kind: "cancelled" });
  });

  test("lets go of its input when its reader stops", async () => {
    let released = false;
    const input = async function* () {
      try {
        for (;;) yield zstdCompressSync(text);
      } finally {
        released = true;
      }
    };
    for await (const _ of decompress(input())) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(released).toBe(true);
  });
});

test("compress() gives the same bytes every time, which decompress() reads back", async () => {
  for (const compression of ["none", "gzip", "zstd"] as const) {
    const make = () => collect(compress(inPieces(text, 999), { compression }));
    expect(await make()).toEqual(await make());
    expect(await codeOf(await make())).toBe("same");
  }
});
