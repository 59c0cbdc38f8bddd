import type { DeviceRule } from "@galley/spec";
import { expect, test } from "vitest";
import { defaultDeviceRules, devicePolicy } from "./device-rules.ts";
import { deviceWritesV1 } from "./device-writes.ts";

const writes = (rules: readonly DeviceRule[]): string[] =>
  deviceWritesV1(devicePolicy(rules)).map(({ file, text }) => `${file} ${text}`);

test("deviceWritesV1() forbids all, then allows", () => {
  expect(writes([{ allow: false, access: "rwm" }, ...defaultDeviceRules])).toEqual([
    "devices.deny a",
    "devices.allow c *:* m",
    "devices.allow b *:* m",
    ...[3, 5, 7, 8, 9].map((minor) => `devices.allow c 1:${minor} rwm`),
    "devices.allow c 5:0 rwm",
    "devices.allow c 5:2 rwm",
    "devices.allow c 136:* rwm",
    "devices.allow c 10:200 rwm",
  ]);
});

test("deviceWritesV1() writes nothing where nothing is forbidden", () => {
  expect(writes([{ allow: true, access: "rwm" }, ...defaultDeviceRules])).toEqual([]);
});

test("deviceWritesV1() forbids single devices of a list that allows all", () => {
  expect(writes([{ allow: true }, { allow: false, type: "b", major: 8, access: "w" }])).toEqual([
    "devices.deny b 8:* w",
  ]);
});

test("deviceWritesV1() takes back what was given under the same numbers", () => {
  const kvm: DeviceRule = { allow: true, type: "c", major: 10, minor: 232, access: "rw" };
  expect(writes([kvm, { ...kvm, allow: false, access: "w" }])).toEqual([
    "devices.deny a",
    "devices.allow c 10:232 rw",
    "devices.deny c 10:232 w",
  ]);
});

test("deviceWritesV1() refuses a hole that version 1 would not make", () => {
  const misc: DeviceRule = { allow: true, type: "c", major: 10, access: "rw" };
  expect(() => writes([misc, { allow: false, type: "c", major: 10, minor: 232, access: "r" }])).toThrow(
    expect.objectContaining({ kind: "unsupported" }),
  );
  expect(writes([misc, { allow: false, type: "c", major: 11, minor: 232, access: "r" }])).toHaveLength(3);
});
