import { expect, test } from "vitest";
import { parseCount, parseCpus, parseInteger, parsePidsLimit } from "./parse-number.ts";

test("parseCount() reads whole numbers", () => expect(["0", "10"].map(parseCount)).toEqual([0, 10]));
test.each(["", "-1", "1.5", "x", "1e3", "99999999999999999999"])("parseCount() refuses %j", (given) =>
  expect(() => parseCount(given)).toThrow(),
);
test("parseInteger() reads signs", () => expect(["-1", "+2", "3"].map(parseInteger)).toEqual([-1, 2, 3]));
test.each(["", "-", "1.0", "--1"])("parseInteger() refuses %j", (given) => expect(() => parseInteger(given)).toThrow());
test("parseCpus() reads fractions", () => expect(["0.5", "2", ".25", "0"].map(parseCpus)).toEqual([0.5, 2, 0.25, 0]));
test.each(["", "x", "-1", "1e2", "Infinity", "1."])("parseCpus() refuses %j", (given) =>
  expect(() => parseCpus(given)).toThrow(),
);
test("parsePidsLimit() takes 0 and -1 for unlimited", () =>
  expect(["0", "-1", "20"].map(parsePidsLimit)).toEqual([-1, -1, 20]));
