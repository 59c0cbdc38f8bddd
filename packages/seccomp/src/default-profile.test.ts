import { describe, expect, test } from "vitest";
import { compileSeccomp } from "./compile-seccomp.ts";
import { defaultProfile } from "./default-profile.ts";
import type { SeccompArchitecture } from "./linux-seccomp.ts";
import { resolveProfile } from "./resolve-profile.ts";
import { simulate } from "./simulate.ts";
import { systemCallNumber, systemCalls } from "./system-calls.ts";

function ask(
  name: string,
  { capabilities = [] as string[], args = [] as bigint[], kernelVersion = "6.1.0" } = {},
): string {
  const seccomp = resolveProfile(defaultProfile, { architecture: "amd64", capabilities, kernelVersion });
  const number = systemCallNumber("SCMP_ARCH_X86_64", name) as number;
  const { action, data } = simulate(compileSeccomp(seccomp, { architecture: "amd64" }), {
    architecture: "SCMP_ARCH_X86_64",
    number,
    args,
  });
  return action === "SCMP_ACT_ALLOW" ? "allowed" : `${action} ${data}`;
}
const eperm = "SCMP_ACT_ERRNO 1";

describe("defaultProfile", () => {
  test("names no call twice under the same conditions", () => {
    const seen = defaultProfile.syscalls.flatMap(({ names, args, includes, excludes }) =>
      names.map((name) => JSON.stringify([name, args, includes, excludes])),
    );
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("names only calls that some processor has", () => {
    const architectures: SeccompArchitecture[] = [
      "SCMP_ARCH_X86_64",
      "SCMP_ARCH_X86",
      "SCMP_ARCH_X32",
      "SCMP_ARCH_AARCH64",
      "SCMP_ARCH_ARM",
      "SCMP_ARCH_RISCV64",
    ];
    // These belong to processors without a table here.
    const elsewhere = ["swapcontext", "s390_pci_mmio_read", "s390_pci_mmio_write", "s390_runtime_instr"];
    const names = new Set(defaultProfile.syscalls.flatMap((rule) => rule.names));
    const unknown = [...names].filter(
      (name) => !elsewhere.includes(name) && !architectures.some((one) => systemCalls(one).has(name)),
    );
    expect(unknown).toEqual([]);
  });

  test.each([
    "read",
    "openat",
    "execve",
    "mmap",
    "futex",
    "cachestat",
    "mseal",
    "statmount",
    "landlock_restrict_self",
    "memfd_secret",
    "ptrace",
    "arch_prctl",
  ])("allows %s", (name) => {
    expect(ask(name)).toBe("allowed");
  });

  test.each([
    "mount",
    "umount2",
    "unshare",
    "setns",
    "bpf",
    "keyctl",
    "add_key",
    "kexec_load",
    "init_module",
    "reboot",
    "swapon",
    "pivot_root",
    "userfaultfd",
    "io_uring_setup",
    "open_by_handle_at",
    "perf_event_open",
    "settimeofday",
    "acct",
    "syslog",
    "quotactl",
    "move_pages",
    "mbind",
    "kcmp",
    "iopl",
  ])("refuses %s with EPERM", (name) => {
    expect(ask(name)).toBe(eperm);
  });

  test.each([
    ["CAP_SYS_ADMIN", "mount"],
    ["CAP_SYS_ADMIN", "clone3"],
    ["CAP_SYS_ADMIN", "unshare"],
    ["CAP_BPF", "bpf"],
    ["CAP_PERFMON", "perf_event_open"],
    ["CAP_DAC_READ_SEARCH", "open_by_handle_at"],
    ["CAP_SYS_CHROOT", "chroot"],
    ["CAP_SYS_MODULE", "finit_module"],
    ["CAP_SYS_BOOT", "reboot"],
    ["CAP_SYS_TIME", "clock_settime"],
    ["CAP_SYS_NICE", "mbind"],
    ["CAP_SYSLOG", "syslog"],
    ["CAP_SYS_PTRACE", "pidfd_getfd"],
  ])("with %s allows %s", (capability, name) => {
    expect(ask(name)).not.toBe("allowed");
    expect(ask(name, { capabilities: [capability] })).toBe("allowed");
  });

  test("makes the C library fall back from clone3 to clone", () => {
    expect(ask("clone3")).toBe("SCMP_ACT_ERRNO 38");
    expect(ask("clone", { args: [0x0001_0f00n] })).toBe("allowed");
  });

  test.each([0x0200_0000n, 0x0400_0000n, 0x0800_0000n, 0x1000_0000n, 0x2000_0000n, 0x4000_0000n, 0x0002_0000n])(
    "refuses clone with the namespace flag %d",
    (flag) => {
      expect(ask("clone", { args: [0x11n | flag] })).toBe(eperm);
      expect(ask("clone", { args: [0x11n | flag], capabilities: ["CAP_SYS_ADMIN"] })).toBe("allowed");
    },
  );

  test("lets in all address families but AF_ALG and AF_VSOCK", () => {
    const refused = [...Array(64).keys()].filter((family) => ask("socket", { args: [BigInt(family)] }) !== "allowed");
    expect(refused).toEqual([38, 40]);
  });

  test("lets in the harmless personalities only", () => {
    expect([0n, 8n, 0x2_0000n, 0x2_0008n, 0xffff_ffffn].map((value) => ask("personality", { args: [value] }))).toEqual(
      Array(5).fill("allowed"),
    );
    expect([1n, 0x4_0000n, 0xff_ffffn, 0x1_0000_0000n].map((value) => ask("personality", { args: [value] }))).toEqual(
      Array(4).fill(eperm),
    );
  });

  test("allows tracing only where a tracer cannot slip calls past the filter", () => {
    expect(ask("ptrace", { kernelVersion: "4.7.9" })).toBe(eperm);
    expect(ask("ptrace", { kernelVersion: "4.8.0" })).toBe("allowed");
  });
});
