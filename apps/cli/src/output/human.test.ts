import { describe, expect, test } from "vitest";
import { humanAge, humanDuration, humanSize } from "./human.ts";

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

describe("humanDuration()", () => {
  test.each([
    [-5 * second, "Less than a second"],
    [999, "Less than a second"],
    [second, "1 second"],
    [59 * second, "59 seconds"],
    [60 * second, "About a minute"],
    [119 * second, "About a minute"],
    [120 * second, "2 minutes"],
    [59.9 * 60 * second, "59 minutes"],
    [hour, "About an hour"],
    [1.5 * hour, "2 hours"],
    [47 * hour, "47 hours"],
    [2 * day, "2 days"],
    [13 * day, "13 days"],
    [14 * day, "2 weeks"],
    [59 * day, "8 weeks"],
    [60 * day, "2 months"],
    [700 * day, "23 months"],
    [3 * 365 * day, "3 years"],
  ])("humanDuration(%i) is %j", (milliseconds, words) => expect(humanDuration(milliseconds)).toBe(words));
});

test("humanAge() counts from now", () => expect(humanAge(1000, 61_000)).toBe("About a minute ago"));

describe("humanSize()", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1 kB"],
    [1_997_895, "2 MB"],
    [1_064_000, "1.06 MB"],
    [123_456_789, "123 MB"],
    [5e17, "500 PB"],
  ])("humanSize(%i) is %j", (bytes, words) => expect(humanSize(bytes)).toBe(words));
});
