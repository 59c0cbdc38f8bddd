import { isGalleyError } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { list, text, toggle, triState, value } from "./flag.ts";
import { parseFlags } from "./parse-flags.ts";

const table = {
  all: toggle("All", { short: "a" }),
  detach: toggle("Detach", { short: "d" }),
  interactive: toggle("Input", { short: "i" }),
  env: list("NAME", "Variable", text, { short: "e" }),
  network: value("MODE", "Network", text, { aliases: ["net"] }),
  count: value(
    "NUMBER",
    "Count",
    (given) => {
      if (!/^\d+$/.test(given)) throw new Error("not a number");
      return Number(given);
    },
    { short: "c" },
  ),
  "tls-verify": triState("Verify"),
};
const parse = (...args: string[]) => parseFlags(table, args);
const messageOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
};

describe("parseFlags()", () => {
  test("parseFlags() gives every flag a value when none is given", () => {
    expect(parse().flags).toEqual({
      all: false,
      detach: false,
      interactive: false,
      env: [],
      network: undefined,
      count: undefined,
      "tls-verify": undefined,
    });
  });

  test.each([
    [["--count", "3"], 3],
    [["--count=3"], 3],
    [["-c", "3"], 3],
    [["-c3"], 3],
    [["-c=3"], 3],
    [["-c", "1", "--count=3"], 3],
  ])("parseFlags() reads the value in %j", (args, count) => expect(parse(...args).flags.count).toBe(count));

  test("parseFlags() takes combined letters apart", () => {
    expect(parse("-aie", "A=B").flags).toMatchObject({ all: true, interactive: true, env: ["A=B"] });
  });

  test("parseFlags() takes the rest of a letter group as its value", () => {
    expect(parse("-iaeA=B=C").flags).toMatchObject({ all: true, interactive: true, env: ["A=B=C"] });
  });

  test.each([
    ["--all=false", false],
    ["--all=0", false],
    ["--all=T", true],
    ["-a=false", false],
    ["-a=true", true],
  ])("parseFlags() reads the switch %s", (arg, all) => expect(parse(arg).flags.all).toBe(all));

  test("parseFlags() knows a switch that was not given from one that was", () => {
    expect(parse("--tls-verify=false").flags["tls-verify"]).toBe(false);
    expect(parse("--tls-verify").flags["tls-verify"]).toBe(true);
  });

  test("parseFlags() keeps the order of a repeated flag", () => {
    expect(parse("-e", "A=1", "--env=B", "-e=C=3").flags.env).toEqual(["A=1", "B", "C=3"]);
  });

  test("parseFlags() reads an alias as its flag", () => expect(parse("--net", "none").flags.network).toBe("none"));

  test("parseFlags() takes what looks like a flag as a value where one is needed", () => {
    expect(parse("-e", "-a=false", "--env", "--all").flags).toMatchObject({ env: ["-a=false", "--all"], all: false });
  });

  test("parseFlags() finds flags between words", () => {
    expect(parse("x", "-a", "y")).toMatchObject({ flags: { all: true }, words: ["x", "y"] });
  });

  test("parseFlags() leaves everything after -- alone", () => {
    expect(parse("x", "--", "-a", "--", "y")).toMatchObject({ flags: { all: false }, words: ["x", "-a", "--", "y"] });
  });

  test("parseFlags() leaves everything from the first word on alone when asked to", () => {
    const args = ["-a", "image", "-d=true", "--", "-e", "x"];
    expect(parseFlags(table, args, { stopAtFirstWord: true })).toMatchObject({
      flags: { all: true, detach: false },
      words: ["image", "-d=true", "--", "-e", "x"],
    });
  });

  test("parseFlags() takes an image after -- when asked to stop", () => {
    expect(parseFlags(table, ["--", "image", "-a"], { stopAtFirstWord: true }).words).toEqual(["image", "-a"]);
  });

  test.each([
    [["--foo"], "unknown flag: --foo"],
    [["--foo=bar"], "unknown flag: --foo"],
    [["-Z"], "unknown shorthand flag: 'Z' in -Z"],
    [["-aZ"], "unknown shorthand flag: 'Z' in -aZ"],
    [["--count"], "flag needs an argument: --count"],
    [["-c"], "flag needs an argument: 'c' in -c"],
    [["-ac"], "flag needs an argument: 'c' in -ac"],
    [["--count=x"], 'invalid argument "x" for "-c, --count" flag: not a number'],
    [["--all=maybe"], 'invalid argument "maybe" for "-a, --all" flag: "maybe" is neither true nor false'],
    [["--__proto__"], "unknown flag: --__proto__"],
    [["--constructor=1"], "unknown flag: --constructor"],
  ])("parseFlags() refuses %j", (args, message) => expect(messageOf(() => parse(...args))).toBe(message));

  test("parseFlags() suggests what was probably meant", () => {
    const thrown = ((): unknown => {
      try {
        return parse("--detatch");
      } catch (error) {
        return error;
      }
    })();
    expect(isGalleyError(thrown, "invalid") && thrown.details["hint"]).toBe("Did you mean --detach?");
  });

  test("parseFlags() throws nothing but usage errors, whatever it is given", () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom("-a", "--", "-e", "--count", "-ae=", "--=", "-=", "-", "--all=", "-c-c"),
    );
    fc.assert(
      fc.property(fc.array(word), (args) => {
        try {
          parseFlags(table, args);
        } catch (error) {
          if (!isGalleyError(error) || error.code !== "cli.usage") throw error;
        }
      }),
    );
  });

  test("parseFlags() hands on any command line after the image as it is", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (rest) => {
        expect(parseFlags(table, ["-a", "image", ...rest], { stopAtFirstWord: true }).words).toEqual([
          "image",
          ...rest,
        ]);
      }),
    );
  });
});
