import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultProfile } from "./default-profile.ts";
import { limits } from "./limits.ts";
import { toProfileJson } from "./profile-json.ts";
import { parseExactJson, parseProfile } from "./profile-schema.ts";

const minimal = '"defaultAction": "SCMP_ACT_ALLOW"';

describe("parseProfile()", () => {
  test("reads what toProfileJson() wrote", () => {
    expect(JSON.parse(toProfileJson(parseProfile(toProfileJson(defaultProfile))))).toEqual(
      JSON.parse(toProfileJson(defaultProfile)),
    );
  });

  test("reads the forms that Go programs write", () => {
    const text = `{ ${minimal}, "defaultErrnoRet": null, "archMap": null, "x-unknown": 1, "syscalls": [
      { "names": null, "name": "mkdir", "action": "SCMP_ACT_ERRNO", "args": [], "includes": {}, "excludes": { "caps": null }, "comment": "" }] }`;
    expect(parseProfile(text).syscalls).toMatchObject([{ names: ["mkdir"], action: "SCMP_ACT_ERRNO", args: [] }]);
  });

  test("keeps 64-bit values exact", () => {
    const text = `{ ${minimal}, "syscalls": [{ "names": ["read"], "action": "SCMP_ACT_ERRNO", "args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 18446744073709551615, "valueTwo": 0 }] }] }`;
    expect(parseProfile(text).syscalls[0]?.args?.[0]?.value).toBe((1n << 64n) - 1n);
    expect(toProfileJson(parseProfile(text))).toContain('"value": 18446744073709551615');
  });

  test("reads a profile without rules", () => {
    expect(parseProfile(`{ ${minimal} }`).syscalls).toEqual([]);
  });

  test.each([
    ["", "is not JSON"],
    ["{", "is not JSON"],
    ["[]", "seccomp profile: it:"],
    ["null", "seccomp profile: it:"],
    ["{}", "defaultAction"],
    ['{ "defaultAction": "allow" }', "defaultAction"],
    [`{ ${minimal}, "defaultErrnoRet": -1 }`, "defaultErrnoRet"],
    [`{ ${minimal}, "defaultErrnoRet": 65536 }`, "defaultErrnoRet"],
    [
      `{ ${minimal}, "architectures": ["SCMP_ARCH_X86"], "archMap": [{ "architecture": "SCMP_ARCH_X86_64" }] }`,
      "both architectures and archMap",
    ],
    [`{ ${minimal}, "syscalls": [{ "names": [""], "action": "SCMP_ACT_ERRNO" }] }`, "syscalls.0.names.0"],
    [
      `{ ${minimal}, "syscalls": [{ "names": ["a"], "name": "b", "action": "SCMP_ACT_ERRNO" }] }`,
      "both name and names",
    ],
    [`{ ${minimal}, "syscalls": [{ "names": ["a"] }] }`, "syscalls.0.action"],
    [
      `{ ${minimal}, "syscalls": [{ "names": ["a"], "action": "SCMP_ACT_ERRNO", "args": [{ "index": 6, "op": "SCMP_CMP_EQ", "value": 0 }] }] }`,
      "syscalls.0.args.0.index",
    ],
    [
      `{ ${minimal}, "syscalls": [{ "names": ["a"], "action": "SCMP_ACT_ERRNO", "args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 18446744073709551616 }] }] }`,
      "syscalls.0.args.0.value",
    ],
    [
      `{ ${minimal}, "syscalls": [{ "names": ["a"], "action": "SCMP_ACT_ERRNO", "args": [{ "index": 0, "op": "==", "value": 0 }] }] }`,
      "syscalls.0.args.0.op",
    ],
    [
      `{ ${minimal}, "syscalls": [{ "names": ["a"], "action": "SCMP_ACT_ERRNO", "includes": { "minKernel": "new" } }] }`,
      "minKernel",
    ],
  ])("refuses %s", (text, message) => {
    expect(() => parseProfile(text)).toThrow(message);
  });

  test("refuses a huge profile before reading it", () => {
    expect(() => parseProfile(" ".repeat(limits.profileBytes + 1))).toThrow("is longer than");
  });

  test("refuses a profile nested too deep to read", () => {
    expect(() => parseProfile("[".repeat(500_000) + "]".repeat(500_000))).toThrow(/seccomp profile/);
  });

  test("says invalid, whatever it is given", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseProfile(text);
        } catch (error) {
          expect(error).toMatchObject({ kind: "invalid", code: "seccomp.profile" });
          expect((error as Error).message).not.toContain("\n");
        }
      }),
    );
  });
});

describe("parseExactJson()", () => {
  test("gives bigint only for whole numbers that a double cannot hold", () => {
    expect(
      parseExactJson('[1, 1.5, 1e30, 9007199254740991, 9007199254740992, -18446744073709551615, "9007199254740993"]'),
    ).toEqual([1, 1.5, 1e30, 9007199254740991, 9007199254740992n, -18446744073709551615n, "9007199254740993"]);
  });
});
