import { expect, test } from "vitest";
import { parseLabel } from "./parse-label.ts";

test.each([
  ["a=b", ["a", "b"]],
  ["a", ["a", ""]],
  ["a=b=c", ["a", "b=c"]],
])("parseLabel(%j)", (given, label) => expect(parseLabel(given)).toEqual(label));
test("parseLabel() refuses a label without a key", () =>
  expect(() => parseLabel("=x")).toThrow('invalid label format: "=x"'));
