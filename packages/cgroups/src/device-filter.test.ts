import type { DeviceRule } from "@galley/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileDeviceFilter } from "./device-filter.ts";
import { defaultDeviceRules, devicePolicy } from "./device-rules.ts";
import { type DeviceQuestion, runDeviceFilter } from "./testing/device-machine.ts";

const ask = (rules: readonly DeviceRule[], question: DeviceQuestion): boolean => {
  const program = compileDeviceFilter(devicePolicy(rules));
  return program === undefined || runDeviceFilter(program, question);
};

/** The promise, said without a program: for each kind of access the last rule that matches decides. */
function expected(rules: readonly DeviceRule[], { type, major, minor, access }: DeviceQuestion): boolean {
  const any = (wanted: number | undefined, number: number): boolean =>
    wanted === undefined || wanted === -1 || wanted === number;
  return [...access].every((letter) => {
    const matching = (rule: DeviceRule): boolean =>
      (rule.type === undefined || rule.type === "a" || rule.type === type) &&
      any(rule.major, major) &&
      any(rule.minor, minor) &&
      (!rule.access || rule.access.includes(letter));
    return rules.findLast(matching)?.allow ?? false;
  });
}

test("compileDeviceFilter() allows the default devices, making any node, and nothing else", () => {
  const rules = [{ allow: false, access: "rwm" }, ...defaultDeviceRules];
  const answers = (question: Partial<DeviceQuestion>): boolean =>
    ask(rules, { type: "c", major: 1, minor: 3, access: "rw", ...question });
  expect(answers({})).toBe(true);
  expect(answers({ major: 136, minor: 77 })).toBe(true);
  expect(answers({ type: "b", major: 8, minor: 0, access: "m" })).toBe(true);
  expect(answers({ type: "b", major: 8, minor: 0, access: "r" })).toBe(false);
  expect(answers({ type: "b", major: 8, minor: 0, access: "rm" })).toBe(false);
  expect(answers({ major: 1, minor: 1, access: "r" })).toBe(false);
  expect(answers({ type: "b" })).toBe(false);
});

test("compileDeviceFilter() needs no program where everything is allowed", () => {
  expect(compileDeviceFilter(devicePolicy([{ allow: true }]))).toBeUndefined();
});

test("compileDeviceFilter() can take part of a wider rule back", () => {
  const rules: DeviceRule[] = [
    { allow: true, type: "c", major: 10 },
    { allow: false, type: "c", major: 10, minor: 232, access: "w" },
  ];
  expect(ask(rules, { type: "c", major: 10, minor: 232, access: "r" })).toBe(true);
  expect(ask(rules, { type: "c", major: 10, minor: 232, access: "rw" })).toBe(false);
  expect(ask(rules, { type: "c", major: 10, minor: 1, access: "rw" })).toBe(true);
});

test("compileDeviceFilter() compares numbers of all 32 bits", () => {
  const rules: DeviceRule[] = [{ allow: true, type: "c", major: 0xffff_ffff, minor: 0x8000_0000, access: "r" }];
  expect(ask(rules, { type: "c", major: 0xffff_ffff, minor: 0x8000_0000, access: "r" })).toBe(true);
  expect(ask(rules, { type: "c", major: 0x7fff_ffff, minor: 0x8000_0000, access: "r" })).toBe(false);
});

test("compileDeviceFilter() makes whole instructions, few enough for the kernel even of the longest list", () => {
  const many = Array.from(
    { length: 512 },
    (_, minor): DeviceRule => ({ allow: minor % 2 === 0, type: "c", major: 1, minor, access: "rw" }),
  );
  const program = compileDeviceFilter(devicePolicy(many));
  expect(program!.length % 8).toBe(0);
  expect(program!.length / 8).toBeLessThan(8192);
});

test("compileDeviceFilter() answers as the rules say, for any rules and questions", () => {
  const number = fc.constantFrom(0, 1, 3, 136, 0xffff_ffff);
  const access = fc.constantFrom("r", "w", "m", "rw", "rm", "wm", "rwm");
  const single = fc.record({
    allow: fc.boolean(),
    type: fc.constantFrom("b" as const, "c" as const),
    major: fc.oneof(number, fc.constant(-1)),
    minor: fc.oneof(number, fc.constant(-1)),
    access,
  });
  const sweeping = fc.record({ allow: fc.boolean(), type: fc.constant("a" as const) });
  const rules = fc.array(fc.oneof({ weight: 9, arbitrary: single }, { weight: 1, arbitrary: sweeping }), {
    maxLength: 12,
  });
  const question = fc.record({
    type: fc.constantFrom("b" as const, "c" as const),
    major: number,
    minor: number,
    access,
  });
  fc.assert(
    fc.property(rules, question, (list, asked) => {
      expect(ask(list, asked)).toBe(expected(list, asked));
    }),
    { numRuns: 2000 },
  );
});
