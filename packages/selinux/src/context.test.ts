import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatContext, parseContext } from "./context.ts";
import { parsePolicyContexts, usualContexts } from "./policy-contexts.ts";

describe("parseContext()", () => {
  test.each([
    ["u:r:t", { user: "u", role: "r", type: "t" }],
    ["u:r:t:s0", { user: "u", role: "r", type: "t", level: "s0" }],
    ["u:r:t:s0-s0:c0.c1023", { user: "u", role: "r", type: "t", level: "s0-s0:c0.c1023" }],
    ["u:r:t:s0:c1,c2\0", { user: "u", role: "r", type: "t", level: "s0:c1,c2" }],
    ["u:r:t:s0\n", { user: "u", role: "r", type: "t", level: "s0" }],
  ])("reads %j", (text, context) => {
    expect(parseContext(text)).toEqual(context);
  });

  test.each([
    "",
    "u",
    "u:r",
    "u:r:",
    ":r:t",
    "u::t",
    "u:r:t:",
    "u:r:t::",
    "u:r:t s0",
    "u:r:t:s0\nx",
    "u:r\0:t",
    "kernel",
    `u:r:${"t".repeat(1024)}`,
  ])("refuses %j", (text) => {
    expect(() => parseContext(text)).toThrow("is not a security context");
  });

  test("undoes formatContext()", () => {
    const word = fc.stringMatching(/^[a-z_][a-z0-9_.-]{0,20}$/);
    const level = fc.option(fc.constantFrom("s0", "s0:c1,c2", "s0-s15:c0.c1023"), { nil: undefined });
    fc.assert(
      fc.property(word, word, word, level, (user, role, type, some) => {
        const context = { user, role, type, ...(some ? { level: some } : {}) };
        expect(parseContext(formatContext(context))).toEqual(context);
      }),
    );
  });
});

describe("parsePolicyContexts()", () => {
  test("reads what the policy says", () => {
    const text = '# comment\nprocess = "a:b:c_t:s0"\n\nfile="d:e:f_t:s0"\nro_file = "x:y:z:s0"\n';
    expect(parsePolicyContexts(text)).toEqual({
      process: { user: "a", role: "b", type: "c_t", level: "s0" },
      file: { user: "d", role: "e", type: "f_t", level: "s0" },
    });
  });

  test("keeps what is usual where it says nothing", () => {
    expect(parsePolicyContexts("")).toEqual(usualContexts);
  });

  test("refuses a context that is none", () => {
    expect(() => parsePolicyContexts('process = "nonsense"')).toThrow("is not a security context");
  });
});
