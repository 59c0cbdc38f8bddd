import { describe, expect, test } from "vitest";
import { defaultProfile } from "./default-profile.ts";
import type { Circumstances, ProfileRule, SeccompProfile } from "./profile.ts";
import { resolveProfile, type Surroundings } from "./resolve-profile.ts";

const here: Surroundings = {
  architecture: "amd64",
  capabilities: ["CAP_CHOWN", "CAP_KILL"],
  kernelVersion: "5.10.0-8-amd64",
};
const rule = (conditions: Partial<ProfileRule>): ProfileRule => ({
  names: ["bpf"],
  action: "SCMP_ACT_ALLOW",
  ...conditions,
});
const profile = (...syscalls: ProfileRule[]): SeccompProfile => ({ defaultAction: "SCMP_ACT_ERRNO", syscalls });

describe("resolveProfile()", () => {
  test.each<[Circumstances, boolean, boolean]>([
    [{ caps: ["CAP_CHOWN"] }, true, false],
    [{ caps: ["CAP_CHOWN", "CAP_KILL"] }, true, false],
    [{ caps: ["CAP_CHOWN", "CAP_BPF"] }, false, false],
    [{ caps: ["CAP_BPF"] }, false, true],
    [{ caps: [] }, true, true],
    [{ arches: ["x86", "amd64"] }, true, false],
    [{ arches: ["arm64"] }, false, true],
    [{ arches: [] }, true, true],
    [{ minKernel: "4.8" }, true, false],
    [{ minKernel: "5.10" }, true, false],
    [{ minKernel: "5.11" }, false, true],
    [{ minKernel: "6.1" }, false, true],
    [{ arches: ["amd64"], caps: ["CAP_BPF"] }, false, false],
  ])("keeps a rule that includes / excludes %j: %s / %s", (circumstances, included, kept) => {
    expect(resolveProfile(profile(rule({ includes: circumstances })), here).syscalls).toHaveLength(included ? 1 : 0);
    expect(resolveProfile(profile(rule({ excludes: circumstances })), here).syscalls).toHaveLength(kept ? 1 : 0);
  });

  test("leaves nothing of the profile's own fields behind", () => {
    const resolved = resolveProfile(profile(rule({ comment: "why", includes: {}, excludes: {}, args: [] })), here);
    expect(resolved).toEqual({
      defaultAction: "SCMP_ACT_ERRNO",
      syscalls: [{ names: ["bpf"], action: "SCMP_ACT_ALLOW" }],
    });
  });

  test("lets in the conventions that the map lists for this processor", () => {
    expect(resolveProfile(defaultProfile, here).architectures).toEqual([
      "SCMP_ARCH_X86_64",
      "SCMP_ARCH_X86",
      "SCMP_ARCH_X32",
    ]);
    expect(resolveProfile(defaultProfile, { ...here, architecture: "arm64" }).architectures).toEqual([
      "SCMP_ARCH_AARCH64",
      "SCMP_ARCH_ARM",
    ]);
    expect(
      resolveProfile({ ...profile(), archMap: [{ architecture: "SCMP_ARCH_S390X" }] }, here).architectures,
    ).toBeUndefined();
    expect(resolveProfile({ ...profile(), architectures: ["SCMP_ARCH_X86"] }, here).architectures).toEqual([
      "SCMP_ARCH_X86",
    ]);
  });

  test("refuses a profile with both ways to say so", () => {
    const both: SeccompProfile = {
      ...profile(),
      architectures: ["SCMP_ARCH_X86"],
      archMap: [{ architecture: "SCMP_ARCH_X86_64" }],
    };
    expect(() => resolveProfile(both, here)).toThrow("both architectures and archMap");
  });

  test("refuses a kernel version that is none", () => {
    expect(() => resolveProfile(profile(rule({ includes: { minKernel: "new" } })), here)).toThrow(
      'kernel version "new"',
    );
  });
});
