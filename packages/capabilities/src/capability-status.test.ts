import { describe, expect, test } from "vitest";
import { formatCapabilities, parseCapabilityStatus } from "./capability-status.ts";

const status =
  "Name:\tsh\nCapInh:\t0000000000000000\nCapPrm:\t00000000800405fb\nCapEff:\t00000000800405fb\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000001\nNoNewPrivs:\t0\n";

describe("parseCapabilityStatus()", () => {
  test("reads the five sets", () => {
    expect(parseCapabilityStatus(status)).toEqual({
      inheritable: 0n,
      permitted: 0x800405fbn,
      effective: 0x800405fbn,
      bounding: 0x1ffffffffffn,
      ambient: 1n,
    });
  });

  test.each(["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])("refuses a status without %s", (name) => {
    expect(() => parseCapabilityStatus(status.replace(name, "Other"))).toThrow(`no ${name} line`);
  });

  test("refuses a mask that is none", () => {
    expect(() => parseCapabilityStatus(status.replace("00000000800405fb", "12345678901234567"))).toThrow(
      "no CapPrm line",
    );
    expect(() => parseCapabilityStatus("")).toThrow("no CapBnd line");
  });
});

describe("formatCapabilities()", () => {
  test.each([
    [0n, "0000000000000000 = none"],
    [0x21n, "0000000000000021 = CAP_CHOWN, CAP_KILL"],
    [(1n << 63n) | (1n << 40n), "8000010000000000 = CAP_CHECKPOINT_RESTORE, 63"],
  ])("of %d", (set, text) => {
    expect(formatCapabilities(set)).toBe(text);
  });
});
