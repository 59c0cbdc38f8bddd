import fc from "fast-check";
import { expect, test } from "vitest";
import { parseByteRange } from "./byte-range.ts";

test.each([
  ["bytes=0-3", { firstByte: 0, lastByte: 3 }],
  ["bytes=4-", { firstByte: 4, lastByte: 9 }],
  ["bytes=-3", { firstByte: 7, lastByte: 9 }],
  ["bytes=-30", { firstByte: 0, lastByte: 9 }],
  ["bytes=9-900", { firstByte: 9, lastByte: 9 }],
  ["bytes=10-", "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=5-3", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,3-4", undefined],
  ["items=0-1", undefined],
  ["bytes=99999999999999999999-", undefined],
  [undefined, undefined],
])("parseByteRange() reads %j of ten bytes", (header, range) => {
  expect(parseByteRange(header, 10)).toEqual(range);
});

test("parseByteRange() never leaves the content", () => {
  const edge = fc.option(fc.nat(30), { nil: "" });
  fc.assert(
    fc.property(edge, edge, fc.nat(20), (first, last, sizeBytes) => {
      const range = parseByteRange(`bytes=${first}-${last}`, sizeBytes);
      if (typeof range !== "object") return;
      expect(range.firstByte).toBeGreaterThanOrEqual(0);
      expect(range.firstByte).toBeLessThanOrEqual(range.lastByte);
      expect(range.lastByte).toBeLessThan(sizeBytes);
    }),
  );
});
