import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capabilityList, lastCapability } from "./capability-names.ts";
import { capabilityNames, capabilitySet, knownCapabilities } from "./capability-set.ts";

describe("capabilityList", () => {
  test("has the kernel's 41 capabilities at the kernel's bits", () => {
    expect(new Set(capabilityList).size).toBe(41);
    expect(lastCapability).toBe(40);
    const bits = {
      CAP_CHOWN: 0,
      CAP_KILL: 5,
      CAP_SETPCAP: 8,
      CAP_SYS_ADMIN: 21,
      CAP_SETFCAP: 31,
      CAP_SYSLOG: 34,
      CAP_PERFMON: 38,
      CAP_BPF: 39,
      CAP_CHECKPOINT_RESTORE: 40,
    };
    for (const [name, bit] of Object.entries(bits)) expect(capabilityList[bit]).toBe(name);
  });
});

describe("capabilitySet()", () => {
  test("is undone by capabilityNames()", () => {
    fc.assert(
      fc.property(fc.subarray([...capabilityList]), (names) => {
        expect(capabilityNames(capabilitySet(names))).toEqual(names);
      }),
    );
  });

  test("takes a name twice and none at all", () => {
    expect(capabilitySet(["CAP_KILL", "CAP_KILL"])).toBe(0x20n);
    expect(capabilitySet([])).toBe(0n);
  });
});

describe("capabilityNames()", () => {
  test("leaves out bits without a name", () => {
    expect(capabilityNames((1n << 63n) | (1n << 41n) | 1n)).toEqual(["CAP_CHOWN"]);
  });
});

describe("knownCapabilities()", () => {
  test.each([
    [0, 0x1n],
    [36, 0x1f_ffff_ffffn],
    [37, 0x3f_ffff_ffffn],
    [40, 0x1ff_ffff_ffffn],
    [41, 0x1ff_ffff_ffffn],
    [63, 0x1ff_ffff_ffffn],
  ])("of a kernel whose last is %d", (lastCap, expected) => {
    expect(knownCapabilities(lastCap)).toBe(expected);
  });

  test.each([-1, 64, 1.5, Number.NaN])("refuses %d", (lastCap) => {
    expect(() => knownCapabilities(lastCap)).toThrow("is not between 0 and 63");
  });
});
