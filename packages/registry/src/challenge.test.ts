import fc from "fast-check";
import { expect, test } from "vitest";
import { parseChallenges } from "./challenge.ts";

const read = (header: string | undefined) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

test.each([
  [undefined, []],
  ["", []],
  ["Basic", [["basic", {}]]],
  ['Basic realm="a, b"', [["basic", { realm: "a, b" }]]],
  ['Basic realm="say \\"hi\\""', [["basic", { realm: 'say "hi"' }]]],
  [
    'Bearer realm="https://auth/token",service="r",scope="repository:a:pull,push"',
    [["bearer", { realm: "https://auth/token", service: "r", scope: "repository:a:pull,push" }]],
  ],
  ['BEARER Realm = x , Error="no"', [["bearer", { realm: "x", error: "no" }]]],
  [
    'Basic realm="b", Bearer realm="t"',
    [
      ["basic", { realm: "b" }],
      ["bearer", { realm: "t" }],
    ],
  ],
  [
    'Negotiate, Basic realm="b"',
    [
      ["negotiate", {}],
      ["basic", { realm: "b" }],
    ],
  ],
  ['Bearer realm="cut', [["bearer", {}]]],
])("parseChallenges() reads %j", (header, challenges) => {
  expect(read(header)).toEqual(challenges);
});

test("parseChallenges() ends, whatever it is given", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'aB=," \\\t;') }), (header) => void parseChallenges(header)),
  );
  parseChallenges(`Basic realm="${"\\".repeat(1e6)}`);
  parseChallenges("a=".repeat(1e6));
});
