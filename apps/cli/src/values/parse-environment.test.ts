import { describe, expect, test } from "vitest";
import { parseEnvFile } from "./parse-env-file.ts";
import { parseEnvironment } from "./parse-environment.ts";

const caller = { HOME: "/root", LC_ALL: "C", LC_TIME: "de", EMPTY: "" };

describe("parseEnvironment()", () => {
  test.each([
    ["A=b", [["A", "b"]]],
    ["A=b=c", [["A", "b=c"]]],
    ["A=", [["A", ""]]],
    ["HOME", [["HOME", "/root"]]],
    ["EMPTY", [["EMPTY", ""]]],
    ["UNSET", []],
    [
      "LC_*",
      [
        ["LC_ALL", "C"],
        ["LC_TIME", "de"],
      ],
    ],
    ["A*=x", [["A*", "x"]]],
  ])("parseEnvironment(%j)", (given, entries) => expect(parseEnvironment(given, caller)).toEqual(entries));

  test.each(["=x", "", "="])("parseEnvironment() refuses %j", (given) =>
    expect(() => parseEnvironment(given, caller)).toThrow(`invalid environment variable: ${JSON.stringify(given)}`),
  );
});

describe("parseEnvFile()", () => {
  test("parseEnvFile() reads names, values, comments and the caller's own", () => {
    const content =
      '\uFEFF# comment\n\n  A=1\nB="quoted # not a comment"\r\nHOME\nUNSET\nLC_T*\nC= spaces stay \nD=x=y';
    expect(parseEnvFile(content, caller)).toEqual([
      ["A", "1"],
      ["B", '"quoted # not a comment"'],
      ["HOME", "/root"],
      ["LC_TIME", "de"],
      ["C", " spaces stay "],
      ["D", "x=y"],
    ]);
  });

  test("parseEnvFile() refuses a name with white space", () => {
    expect(() => parseEnvFile("A B=c", caller)).toThrow('name "A B" has white spaces');
  });

  test("parseEnvFile() refuses a line without a name", () =>
    expect(() => parseEnvFile("=c", caller)).toThrow("invalid environment variable"));
});
