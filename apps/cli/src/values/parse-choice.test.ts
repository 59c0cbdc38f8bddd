import { isGalleyError } from "@galley/spec";
import { expect, test } from "vitest";
import { parseNetwork, parsePullPolicy } from "./parse-choice.ts";

test("parsePullPolicy() reads its four words", () => {
  const words = ["always", "missing", "never", "newer"];
  expect(words.map(parsePullPolicy)).toEqual(words);
});
test("parsePullPolicy() refuses another", () =>
  expect(() => parsePullPolicy("sometimes")).toThrow('unsupported pull policy "sometimes"'));
test("parseNetwork() reads none and host", () => expect(["none", "host"].map(parseNetwork)).toEqual(["none", "host"]));
test("parseNetwork() says of another that it is not supported yet", () => {
  try {
    parseNetwork("bridge");
    expect.unreachable();
  } catch (error) {
    expect(isGalleyError(error, "unsupported")).toBe(true);
  }
});
