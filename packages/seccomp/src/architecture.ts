import { galleyError } from "@galley/spec";
import type { SeccompArchitecture } from "./linux-seccomp.ts";

/** A processor we compile for, by its OCI platform name. */
export type Machine = "amd64" | "arm64" | "riscv64";

/** What a filter must know of one system call convention. */
export interface Convention {
  readonly name: SeccompArchitecture;
  /** AUDIT_ARCH_*: what the kernel puts into seccomp_data.arch. */
  readonly auditNumber: number;
  /** Whether arguments are compared as 64 or only as their low 32 bits. */
  readonly wide: boolean;
  /** Added to every number of the table (the x32 bit). */
  readonly base: number;
}

/** The bit that marks x32 calls, which share the audit number of x86-64. */
export const x32Bit = 0x4000_0000;

const convention = (name: SeccompArchitecture, auditNumber: number, wide: boolean, base = 0): Convention => ({
  name,
  auditNumber,
  wide,
  base,
});

/** Native convention first; the others are those that a kernel on that processor can serve. */
const machines: Readonly<Record<Machine, readonly [Convention, ...Convention[]]>> = {
  amd64: [
    convention("SCMP_ARCH_X86_64", 0xc000_003e, true),
    convention("SCMP_ARCH_X86", 0x4000_0003, false),
    convention("SCMP_ARCH_X32", 0xc000_003e, false, x32Bit),
  ],
  arm64: [convention("SCMP_ARCH_AARCH64", 0xc000_00b7, true), convention("SCMP_ARCH_ARM", 0x4000_0028, false)],
  riscv64: [convention("SCMP_ARCH_RISCV64", 0xc000_00f3, true)],
};

/** The conventions of a machine, native first. Throws `unsupported` for a processor without tables. */
export function conventionsOf(architecture: string): readonly [Convention, ...Convention[]] {
  if (Object.hasOwn(machines, architecture)) return machines[architecture as Machine];
  throw galleyError("unsupported", "seccomp.architecture", `no system call table for processor ${architecture}`, {
    details: { architecture },
  });
}

/** The convention of an OCI architecture name, for example `conventionOf("SCMP_ARCH_X86")`. */
export function conventionOf(name: string): Convention {
  for (const conventions of Object.values(machines)) {
    for (const candidate of conventions) if (candidate.name === name) return candidate;
  }
  throw galleyError("unsupported", "seccomp.architecture", `no system call table for architecture ${name}`, {
    details: { architecture: name },
  });
}
