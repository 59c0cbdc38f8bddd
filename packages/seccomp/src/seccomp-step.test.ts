import { describe, expect, test } from "vitest";
import { compileSeccomp } from "./compile-seccomp.ts";
import type { LinuxSeccomp } from "./linux-seccomp.ts";
import { seccompStep } from "./seccomp-step.ts";

const compile = (seccomp: LinuxSeccomp): Uint8Array => compileSeccomp(seccomp, { architecture: "amd64" });
const program = compile({ defaultAction: "SCMP_ACT_ALLOW" });

describe("seccompStep()", () => {
  test("is one step of this package", () => {
    expect(seccompStep(program)).toEqual({
      op: "seccomp",
      by: "seccomp",
      why: `load a system call filter of ${program.byteLength / 8} instructions`,
      args: { program },
    });
  });

  test("translates the flags of the runtime spec", () => {
    const flags = ["SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
    expect(seccompStep(program, flags).args).toMatchObject({ flags: ["threadSync", "log", "speculationAllowed"] });
  });

  test.each(["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", "toString", ""])("refuses the flag %j", (flag) => {
    expect(() => seccompStep(program, [flag])).toThrow(`seccomp flag ${flag} is not supported`);
  });

  test("refuses a filter that needs a listener", () => {
    const seccomp: LinuxSeccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_NOTIFY" }],
    };
    expect(() => seccompStep(compile(seccomp))).toThrow("listeners are not supported");
  });

  test("refuses bytes that are no program", () => {
    expect(() => seccompStep(new Uint8Array(5))).toThrow("5 bytes are not a program");
  });
});
