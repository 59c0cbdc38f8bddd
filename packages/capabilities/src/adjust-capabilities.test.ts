import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjustCapabilities } from "./adjust-capabilities.ts";
import { capabilityList } from "./capability-names.ts";
import { capabilityNames, capabilitySet, knownCapabilities } from "./capability-set.ts";
import { dockerCapabilities, podmanCapabilities } from "./default-capabilities.ts";
import { parseCapabilities, parseCapability } from "./parse-capabilities.ts";

describe("parseCapability()", () => {
  test.each(["CAP_NET_ADMIN", "cap_net_admin", "NET_ADMIN", "net_admin", "Net_Admin"])("reads %s", (text) => {
    expect(parseCapability(text)).toBe("CAP_NET_ADMIN");
  });

  test.each(["", "CAP_", "NET-ADMIN", " NET_ADMIN", "CAP_CAP_NET_ADMIN", "ALL", "toString", "NET_ADMIN\n"])(
    "refuses %j",
    (text) => {
      expect(() => parseCapability(text)).toThrow(`capability ${JSON.stringify(text)}: there is no such capability`);
    },
  );

  test("refuses a capability that the kernel is too old for", () => {
    expect(() => parseCapability("BPF", { known: knownCapabilities(37) })).toThrow(
      'capability "BPF": this kernel does not have it',
    );
  });
});

describe("parseCapabilities()", () => {
  test("reads ALL as what is known", () => {
    expect(parseCapabilities(["all"])).toBe(knownCapabilities());
    expect(parseCapabilities(["chown", "ALL"], { known: knownCapabilities(36) })).toBe(knownCapabilities(36));
    expect(parseCapabilities([])).toBe(0n);
  });
});

describe("adjustCapabilities()", () => {
  const base = podmanCapabilities;
  const names = (add: string[], drop: string[]): readonly string[] =>
    capabilityNames(adjustCapabilities(base, { add, drop }));

  test("changes nothing when nothing is asked for", () => {
    expect(adjustCapabilities(base, {})).toBe(base);
  });

  test("adds and drops", () => {
    expect(adjustCapabilities(base, { add: ["net_admin"], drop: ["CHOWN", "mknod"] })).toBe(
      (base | capabilitySet(["CAP_NET_ADMIN"])) & ~capabilitySet(["CAP_CHOWN"]),
    );
  });

  test("with ALL dropped leaves what is added", () => {
    expect(names([], ["all"])).toEqual([]);
    expect(names(["kill"], ["ALL"])).toEqual(["CAP_KILL"]);
    expect(names(["kill"], ["ALL", "KILL"])).toEqual(["CAP_KILL"]);
  });

  test("with ALL added leaves out what is dropped", () => {
    expect(adjustCapabilities(base, { add: ["ALL"] })).toBe(knownCapabilities());
    expect(adjustCapabilities(base, { add: ["ALL", "kill"], drop: ["kill"] })).toBe(
      knownCapabilities() & ~capabilitySet(["CAP_KILL"]),
    );
  });

  test.each([
    [["kill"], ["CAP_KILL"], "capability CAP_KILL cannot be both added and dropped"],
    [["all"], ["ALL"], "all capabilities cannot be both added and dropped"],
    [["nonsense"], [], '"nonsense"'],
    [[], ["nonsense"], '"nonsense"'],
    [[], ["all", "nonsense"], '"nonsense"'],
  ])("refuses to add %j and drop %j", (add, drop, message) => {
    expect(() => adjustCapabilities(base, { add, drop })).toThrow(message);
  });

  test("never leaves what is available", () => {
    const name = fc.constantFrom("ALL", ...capabilityList);
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 4 }),
        fc.array(name, { maxLength: 4 }),
        fc.bigInt({ min: 0n, max: knownCapabilities() }),
        (add, drop, available) => {
          try {
            expect(adjustCapabilities(base, { add, drop, available }) & ~available).toBe(0n);
          } catch (error) {
            expect(error).toMatchObject({ kind: "invalid", code: "capabilities.conflict" });
          }
        },
      ),
    );
  });
});

describe("dockerCapabilities", () => {
  test("are Podman's and three more", () => {
    expect(capabilityNames(podmanCapabilities)).toHaveLength(11);
    expect(capabilityNames(dockerCapabilities & ~podmanCapabilities)).toEqual([
      "CAP_NET_RAW",
      "CAP_MKNOD",
      "CAP_AUDIT_WRITE",
    ]);
    expect(podmanCapabilities & ~dockerCapabilities).toBe(0n);
    expect(podmanCapabilities).toBe(0x8004_05fbn);
    expect(dockerCapabilities).toBe(0xa804_25fbn);
  });
});
