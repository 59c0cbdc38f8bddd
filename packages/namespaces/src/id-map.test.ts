import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkIdMap, encodeIdMap, hostId } from "./id-map.ts";
import { limits } from "./limits.ts";

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test("encodeIdMap() writes a line for each range", () => {
  expect(
    text(
      encodeIdMap([
        { containerID: 0, hostID: 1000, size: 1 },
        { containerID: 1, hostID: 100_000, size: 65_536 },
      ]),
    ),
  ).toBe("0 1000 1\n1 100000 65536\n");
});

describe("checkIdMap() refuses", () => {
  const range = { containerID: 0, hostID: 0, size: 10 };
  const refused: readonly [string, Parameters<typeof checkIdMap>[0]][] = [
    ["an empty map", []],
    ["an empty range", [{ ...range, size: 0 }]],
    ["a negative id", [{ ...range, hostID: -1 }]],
    ["a fraction", [{ ...range, containerID: 0.5 }]],
    ["the id that means none", [{ ...range, hostID: limits.largestId - 8 }]],
    ["NaN", [{ ...range, size: Number.NaN }]],
    ["ranges that overlap inside", [range, { containerID: 9, hostID: 100, size: 1 }]],
    ["ranges that overlap outside", [range, { containerID: 100, hostID: 9, size: 1 }]],
    [
      "too many ranges",
      Array.from({ length: limits.idMapLines + 1 }, (_, index) => ({ containerID: index, hostID: index, size: 1 })),
    ],
  ];
  test.each(refused)("%s", (_, mappings) => {
    expect(() => checkIdMap(mappings)).toThrow(expect.objectContaining({ kind: "invalid", code: "namespaces.id-map" }));
  });
});

test("checkIdMap() takes the largest range there is", () => {
  expect(() => checkIdMap([{ containerID: 0, hostID: 0, size: limits.largestId + 1 }])).not.toThrow();
});

/** Ranges side by side, the insides in another order than the outsides. */
const maps = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }).map((sizes) => {
  const starts = (order: readonly number[]): number[] =>
    order.map((_, index) => order.slice(0, index).reduce((sum, size) => sum + size, 0));
  const outside = starts(sizes.toReversed()).toReversed();
  return sizes.map((size, index) => ({ containerID: starts(sizes)[index]!, hostID: outside[index]!, size }));
});

test("encodeIdMap() accepts every map without overlap and reads back the same", () => {
  fc.assert(
    fc.property(maps, (mappings) => {
      const lines = text(encodeIdMap(mappings)).trimEnd().split("\n");
      expect(lines.map((line) => line.split(" ").map(Number))).toEqual(
        mappings.map(({ containerID, hostID, size }) => [containerID, hostID, size]),
      );
    }),
  );
});

test("hostId() gives each id inside another one outside, and none for ids without a range", () => {
  fc.assert(
    fc.property(maps, (mappings) => {
      const ends = mappings.flatMap(({ containerID, size }) => [containerID, containerID + size - 1]);
      const outside = [...new Set(ends)].map((id) => hostId(mappings, id));
      expect(new Set(outside).size).toBe(outside.length);
      expect(outside).not.toContain(undefined);
      expect(hostId(mappings, Math.max(...ends) + 1)).toBeUndefined();
    }),
  );
});
