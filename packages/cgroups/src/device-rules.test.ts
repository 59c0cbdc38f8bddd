import type { DeviceRule } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { defaultDeviceRules, devicePolicy } from "./device-rules.ts";

test("devicePolicy() forbids everything before the first rule", () => {
  expect(devicePolicy([])).toEqual({ allowAll: false, rules: [] });
});

test("devicePolicy() lets a rule for all sweep away what came before", () => {
  const tty: DeviceRule = { allow: true, type: "c", major: 5, minor: 0, access: "rw" };
  expect(devicePolicy([tty, { allow: true, access: "rwm" }])).toEqual({ allowAll: true, rules: [] });
  expect(devicePolicy([{ allow: true, access: "rwm" }, { allow: false, type: "a" }, tty]).rules).toHaveLength(1);
});

test("devicePolicy() drops rules that change nothing", () => {
  const deny: DeviceRule = { allow: false, type: "c", major: 1, access: "r" };
  expect(devicePolicy([{ allow: true }, ...defaultDeviceRules])).toEqual({ allowAll: true, rules: [] });
  expect(devicePolicy([deny, deny])).toEqual({ allowAll: false, rules: [] });
});

test("devicePolicy() takes -1 and nothing for any number, and no letters for all access", () => {
  expect(devicePolicy([{ allow: true, type: "c", major: -1, minor: 3 }]).rules).toEqual([
    { allow: true, type: "c", major: undefined, minor: 3, access: 7 },
  ]);
});

describe("devicePolicy() refuses", () => {
  const refused: readonly [string, DeviceRule, string][] = [
    ["an unknown type", { allow: true, type: "x" as "c" }, "invalid"],
    ["an unknown letter", { allow: true, type: "c", access: "rx" }, "invalid"],
    ["a number over 32 bits", { allow: true, type: "c", major: 2 ** 32 }, "invalid"],
    [
      "all types with a number, which version 1 would take for all",
      { allow: true, type: "a", major: 1 },
      "unsupported",
    ],
    ["all types with some access", { allow: false, access: "w" }, "unsupported"],
  ];
  test.each(refused)("%s", (_, rule, kind) => {
    expect(() => devicePolicy([rule])).toThrow(expect.objectContaining({ kind }));
  });

  test("a list without end", () => {
    expect(() => devicePolicy(Array.from({ length: 2000 }, () => ({ allow: true })))).toThrow(
      expect.objectContaining({ code: "cgroups.devices" }),
    );
  });
});
