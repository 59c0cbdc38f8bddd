import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collect, inPieces } from "../testing/streams.ts";
import { gzipBlocks } from "./gzip-blocks.ts";

const text = Buffer.from(Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`).join(""));
const mixed = Buffer.concat([text, randomBytes(2_600_000), text, randomBytes(1_300_000), text.subarray(0, 5)]);
const gzipped = (bytes: Uint8Array, pieceBytes = 65_536, level?: number) =>
  collect(gzipBlocks(inPieces(bytes, pieceBytes), level));

describe("gzipBlocks()", () => {
  test.each([
    ["nothing", Buffer.alloc(0)],
    ["a byte", Buffer.from("x")],
    ["a block less one", mixed.subarray(0, 1024 * 1024 - 1)],
    ["a block", mixed.subarray(0, 1024 * 1024)],
    ["a block and one", mixed.subarray(0, 1024 * 1024 + 1)],
    ["text and noise", mixed],
  ])("gzipBlocks() writes one member that reads back as %s", async (_, bytes) => {
    for (const level of [undefined, 1, 4, 9]) {
      const blob = await gzipped(bytes, 100_000, level);
      expect(Buffer.compare(gunzipSync(blob), bytes)).toBe(0);
    }
    expect(Buffer.compare(execFileSync("gzip", ["-dc"], { input: await gzipped(bytes), maxBuffer: 1e8 }), bytes)).toBe(
      0,
    );
  });

  test("gzipBlocks() gives the same bytes however the input comes in pieces", async () => {
    const whole = await gzipped(mixed, mixed.length);
    for (const pieceBytes of [1000, 65_536, 1_000_003])
      expect(Buffer.compare(await gzipped(mixed, pieceBytes), whole)).toBe(0);
  });

  test("gzipBlocks() makes text small and noise hardly bigger", async () => {
    expect((await gzipped(text)).length).toBeLessThan(text.length / 3);
    const noise = randomBytes(4_000_000);
    expect((await gzipped(noise)).length).toBeLessThan(noise.length * 1.001);
  });

  test("gzipBlocks() reads back whatever it was given", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 500 })), async (chunks) => {
        const input = (async function* () {
          yield* chunks;
        })();
        expect(gunzipSync(await collect(gzipBlocks(input)))).toEqual(Buffer.concat(chunks));
      }),
      { numRuns: 50 },
    );
  });

  test("gzipBlocks() passes on the error of its input and lets go of it when its reader stops", async () => {
    let released = false;
    const input = async function* () {
      try {
        yield mixed;
        throw new RangeError("the line is cut");
      } finally {
        released = true;
      }
    };
    await expect(collect(gzipBlocks(input()))).rejects.toThrow("the line is cut");
    released = false;
    for await (const chunk of gzipBlocks(input())) if (chunk.length > 100) break;
    expect(released).toBe(true);
  });
});
