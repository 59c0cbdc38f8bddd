import { describe, expect, test } from "vitest";
import { systemCallTables } from "./generated/system-calls.ts";
import type { SeccompArchitecture } from "./linux-seccomp.ts";
import { systemCallName, systemCallNumber, systemCalls } from "./system-calls.ts";

describe("systemCallNumber()", () => {
  test.each<[SeccompArchitecture, string, number | undefined]>([
    ["SCMP_ARCH_X86_64", "read", 0],
    ["SCMP_ARCH_X86_64", "openat", 257],
    ["SCMP_ARCH_X86_64", "uretprobe", 335],
    ["SCMP_ARCH_X86_64", "pidfd_send_signal", 424],
    ["SCMP_ARCH_X86_64", "socketcall", undefined],
    ["SCMP_ARCH_X86", "exit", 1],
    ["SCMP_ARCH_X86", "socket", 359],
    ["SCMP_ARCH_X86", "accept", undefined],
    ["SCMP_ARCH_X86", "clock_gettime64", 403],
    ["SCMP_ARCH_X32", "read", 0x4000_0000],
    ["SCMP_ARCH_X32", "rt_sigaction", 0x4000_0000 + 512],
    ["SCMP_ARCH_AARCH64", "openat", 56],
    ["SCMP_ARCH_AARCH64", "open", undefined],
    ["SCMP_ARCH_AARCH64", "mmap", 222],
    ["SCMP_ARCH_ARM", "set_tls", 983_045],
    ["SCMP_ARCH_ARM", "mmap2", 192],
    ["SCMP_ARCH_RISCV64", "riscv_flush_icache", 259],
    ["SCMP_ARCH_RISCV64", "fcntl", 25],
    ["SCMP_ARCH_X86_64", "constructor", undefined],
  ])("on %s says of %s: %s", (architecture, name, number) => {
    expect(systemCallNumber(architecture, name)).toBe(number);
    if (number !== undefined) expect(systemCallName(architecture, number)).toBe(name);
  });

  test.each(Object.keys(systemCallTables) as SeccompArchitecture[])(
    "gives calls since Linux 5.1 the same number on %s",
    (architecture) => {
      const base = architecture === "SCMP_ARCH_X32" ? 0x4000_0000 : 0;
      const shared = {
        clone3: 435,
        openat2: 437,
        cachestat: 451,
        fchmodat2: 452,
        futex_wake: 454,
        mseal: 462,
        removexattrat: 466,
        file_setattr: 469,
        listns: 470,
      };
      for (const [name, number] of Object.entries(shared))
        expect(systemCallNumber(architecture, name)).toBe(base + number);
    },
  );
});

describe("systemCallName()", () => {
  test("knows no name for a hole in the table", () => {
    expect(systemCallName("SCMP_ARCH_X86_64", 400)).toBeUndefined();
    expect(systemCallName("SCMP_ARCH_X32", 0)).toBeUndefined();
    expect(systemCallName("SCMP_ARCH_X86_64", 0xffff_ffff)).toBeUndefined();
  });

  test("gives the first of two names of one number", () => {
    expect(systemCallName("SCMP_ARCH_ARM", 341)).toBe("arm_sync_file_range");
    expect(systemCalls("SCMP_ARCH_ARM").get("sync_file_range2")).toBe(341);
  });
});
