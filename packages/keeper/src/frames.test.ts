import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, frameDecoder, frameHeader, frameTypes } from "./frames.ts";

/** Joins pieces of one frame again. */
function whole(pieces: ReturnType<ReturnType<typeof frameDecoder>>): { type: number; bytes: Uint8Array }[] {
  const frames: { type: number; bytes: Uint8Array }[] = [];
  let parts: Uint8Array[] = [];
  for (const piece of pieces) {
    parts.push(piece.bytes);
    if (!piece.last) continue;
    frames.push({ type: piece.type, bytes: new Uint8Array(Buffer.concat(parts)) });
    parts = [];
  }
  return frames;
}

test("frameHeader() is type, three zero bytes and a little-endian length", () => {
  expect(Buffer.from(frameHeader(frameTypes.stdin, 0x1234)).toString("hex")).toBe("1100000034120000");
});

test("frameDecoder() gives back what was encoded, however it is cut", () => {
  const frame = fc.record({ type: fc.integer({ min: 1, max: 4 }), bytes: fc.uint8Array({ maxLength: 300 }) });
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (frames, cuts) => {
        const stream = Buffer.concat(frames.map(({ type, bytes }) => encodeFrame(type, bytes)));
        const decode = frameDecoder();
        const pieces = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const length = cuts[turn % cuts.length] as number;
          pieces.push(...decode(stream.subarray(at, at + length)));
          at += length;
        }
        expect(whole(pieces)).toEqual(frames);
      },
    ),
  );
});

test.each([
  ["an unknown type", "0500000000000000"],
  ["a client's type", "1100000001000000"],
  ["type 0", "0000000000000000"],
  ["a byte that must be zero", "0100010000000000"],
  ["a payload of 64 KiB and one byte", "0100000001000100"],
])("frameDecoder() refuses %s", (_, hex) => {
  expect(() => frameDecoder()(Buffer.from(hex, "hex"))).toThrow(expect.objectContaining({ kind: "corrupt" }));
});

test("frameDecoder() never gives more bytes than it got, whatever the noise", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      try {
        const given = frameDecoder()(noise).reduce((sum, piece) => sum + piece.bytes.length, 0);
        expect(given).toBeLessThanOrEqual(noise.length);
      } catch (error) {
        expect(error).toMatchObject({ kind: "corrupt" });
      }
    }),
  );
});
