import { describe, expect, test } from "vitest";
import { parseSize, parseSizeOrUnlimited } from "./parse-size.ts";

describe("parseSize()", () => {
  test.each([
    ["0", 0],
    ["512", 512],
    ["512b", 512],
    ["1k", 1024],
    ["64m", 67_108_864],
    ["64M", 67_108_864],
    ["64MB", 67_108_864],
    ["64MiB", 67_108_864],
    ["1.5g", 1_610_612_736],
    ["1 g", 1_073_741_824],
    ["2t", 2_199_023_255_552],
  ])("parseSize(%j) is %i", (given, bytes) => expect(parseSize(given)).toBe(bytes));

  test.each(["", "1q", "m", "-1", "1e3", "0x10", "1.m", "١m", "9999999999999999p", "1mm", " 1m"])(
    "parseSize() refuses %j",
    (given) => expect(() => parseSize(given)).toThrow(`invalid size: '${given}'`),
  );
});

test("parseSizeOrUnlimited() takes -1 for unlimited", () => expect(parseSizeOrUnlimited("-1")).toBe(-1));
