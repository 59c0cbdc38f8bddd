import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalLevel, pickLevel } from "./categories.ts";
import { type ContainerLabels, containerLabels } from "./container-labels.ts";
import { isSelinuxEnabled } from "./is-selinux-enabled.ts";
import { type LabelOptions, parseLabelOptions } from "./label-options.ts";

const pairs = (1024 * 1023) / 2;
const zero = { random: () => 0, isTaken: () => false };
const labels = (options?: LabelOptions): ContainerLabels => containerLabels({ enabled: true, options, ...zero });

describe("pickLevel()", () => {
  test("gives two different categories in ascending order, whatever is drawn", () => {
    fc.assert(
      fc.property(fc.nat({ max: pairs - 2 }), (drawn) => {
        const [low = 0, high = 0] = pickLevel({ random: () => drawn, isTaken: () => false })
          .replace("s0:", "")
          .split(",")
          .map((name) => Number(name.slice(1)));
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThan(high);
        expect(high).toBeLessThan(1024);
      }),
    );
  });

  test("can give every pair but the one for unconfined files", () => {
    const seen = new Set<string>();
    for (let drawn = 0; drawn < pairs; drawn += 1) seen.add(pickLevel({ random: () => drawn, isTaken: () => false }));
    expect(seen.size).toBe(pairs - 1);
    expect(seen).not.toContain("s0:c1022,c1023");
  });

  test("asks for a number below the count of pairs", () => {
    const limits: number[] = [];
    pickLevel({ random: (limit) => limits.push(limit), isTaken: () => false });
    expect(limits).toEqual([pairs]);
  });

  test("finds the last free pair, even with a random source that is stuck", () => {
    expect(pickLevel({ random: () => 5, isTaken: (level) => level !== "s0:c17,c900" })).toBe("s0:c17,c900");
  });

  test("says so when all are taken", () => {
    expect(() => pickLevel({ random: () => 5, isTaken: () => true })).toThrow("every pair of categories is taken");
  });
});

describe("canonicalLevel()", () => {
  test.each([
    ["s0:c9,c3", "s0:c3,c9"],
    ["s0:c3,c3", "s0:c3"],
    ["s0:c010,c2", "s0:c2,c10"],
    ["s0", "s0"],
    ["s0-s0:c0.c1023", "s0-s0:c0.c1023"],
  ])("of %s is %s", (level, expected) => {
    expect(canonicalLevel(level)).toBe(expected);
  });
});

describe("parseLabelOptions()", () => {
  test("reads each option", () => {
    expect(parseLabelOptions(["user:u", "role:r", "type:t_t", "filetype:f_t", "level:s0:c1,c2", "nested"])).toEqual({
      user: "u",
      role: "r",
      type: "t_t",
      filetype: "f_t",
      level: "s0:c1,c2",
      nested: true,
    });
    expect(parseLabelOptions(["disable"])).toEqual({ disable: true });
    expect(parseLabelOptions([])).toEqual({});
    expect(parseLabelOptions(["type:a", "type:b"])).toEqual({ type: "b" });
  });

  test.each([
    "",
    "type",
    "type:",
    "type:a:b",
    "type:a b",
    "color:red",
    "disabled",
    "level:",
    "level:s0 c1",
    "__proto__:x",
    ":x",
    "type:a\n",
    `type:${"a".repeat(257)}`,
  ])("refuses %j", (text) => {
    expect(() => parseLabelOptions([text])).toThrow(`label option ${JSON.stringify(text)} is not one of`);
  });
});

describe("containerLabels()", () => {
  test("are absent where SELinux is off, whatever is asked for", () => {
    const refuse = (): never => {
      throw new Error("asked");
    };
    expect(containerLabels({ enabled: false, options: { type: "spc_t" }, random: refuse, isTaken: refuse })).toEqual(
      {},
    );
  });

  test("share one pair of categories", () => {
    expect(labels()).toEqual({
      process: "system_u:system_r:container_t:s0:c0,c1",
      key: "system_u:system_r:container_t:s0:c0,c1",
      mount: "system_u:object_r:container_file_t:s0:c0,c1",
      file: "system_u:object_r:container_file_t:s0:c0,c1",
      sharedFile: "system_u:object_r:container_file_t:s0",
    });
  });

  test("differ between containers", () => {
    const taken = new Set<string>();
    for (let count = 0; count < 500; count += 1) {
      const { process = "" } = containerLabels({
        enabled: true,
        random: (limit) => (count * 7) % limit,
        isTaken: (level) => taken.has(level),
      });
      taken.add(process.split(":").slice(3).join(":"));
    }
    expect(taken.size).toBe(500);
  });

  test("of an unconfined container leave its process alone and shut its files to confined ones", () => {
    expect(labels({ disable: true, type: "x_t" })).toEqual({
      mount: "system_u:object_r:container_file_t:s0:c1022,c1023",
      file: "system_u:object_r:container_file_t:s0:c1022,c1023",
      sharedFile: "system_u:object_r:container_file_t:s0",
    });
  });

  test.each<[LabelOptions, string, string]>([
    [{ type: "spc_t" }, "system_u:system_r:spc_t:s0:c0,c1", "system_u:object_r:container_file_t:s0:c0,c1"],
    [{ role: "r_r" }, "system_u:r_r:container_t:s0:c0,c1", "system_u:object_r:container_file_t:s0:c0,c1"],
    [{ user: "u_u" }, "u_u:system_r:container_t:s0:c0,c1", "u_u:object_r:container_file_t:s0:c0,c1"],
    [{ filetype: "f_t" }, "system_u:system_r:container_t:s0:c0,c1", "system_u:object_r:f_t:s0:c0,c1"],
    [{ level: "s0:c9,c3" }, "system_u:system_r:container_t:s0:c3,c9", "system_u:object_r:container_file_t:s0:c3,c9"],
    [{ nested: true }, "system_u:system_r:container_t:s0:c0,c1", "system_u:object_r:container_file_t:s0:c0,c1"],
  ])("with %j are %s and %s", (options, process, mount) => {
    expect(labels(options)).toMatchObject({ process, key: process, mount, file: mount });
  });

  test("take no pair when a level is given", () => {
    expect(
      containerLabels({ enabled: true, options: { level: "s0" }, random: () => 0, isTaken: () => true }).process,
    ).toBe("system_u:system_r:container_t:s0");
  });

  test("have no level where the policy has none", () => {
    const policy = { process: { user: "u", role: "r", type: "p_t" }, file: { user: "u", role: "r", type: "f_t" } };
    expect(containerLabels({ enabled: true, policy, ...zero })).toEqual({
      process: "u:r:p_t",
      key: "u:r:p_t",
      mount: "u:r:f_t",
      file: "u:r:f_t",
      sharedFile: "u:r:f_t",
    });
  });

  test("refuse values that make no context", () => {
    expect(() => labels({ type: "a b" })).toThrow("is not a security context");
  });
});

describe("isSelinuxEnabled()", () => {
  const fileSystems = "nodev\tsysfs\nnodev\tselinuxfs\n\text4\n";
  test.each([
    [{ fileSystems, hasSelinuxFs: true }, true],
    [{ fileSystems, hasSelinuxFs: true, currentContext: "system_u:system_r:init_t:s0\0" }, true],
    [{ fileSystems, hasSelinuxFs: true, currentContext: "kernel\0" }, false],
    [{ fileSystems, hasSelinuxFs: false }, false],
    [{ fileSystems: "nodev\tsysfs\n", hasSelinuxFs: true }, false],
    [{ fileSystems: "nodev\tnotselinuxfs\n", hasSelinuxFs: true }, false],
    [{ fileSystems: "", hasSelinuxFs: false }, false],
  ])("of %j is %s", (evidence, expected) => {
    expect(isSelinuxEnabled(evidence)).toBe(expected);
  });
});
