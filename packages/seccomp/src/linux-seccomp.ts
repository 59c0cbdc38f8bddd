import type {
  SeccompAction,
  SeccompOperator,
  SeccompSpec,
  SeccompCondition as SpecCondition,
  SeccompRule as SpecRule,
} from "@galley/spec";

export type { SeccompAction, SeccompOperator };

/**
 * `linux.seccomp` of a bundle (OCI runtime spec, config-linux.md, Seccomp), with one widening: 64-bit values may be
 * `bigint`, because a JSON number is exact only up to 2^53.
 */
export interface LinuxSeccomp extends Omit<SeccompSpec, "syscalls"> {
  readonly syscalls?: readonly SeccompRule[];
}

/** One entry of `linux.seccomp.syscalls`. `errnoRet` is what ERRNO and TRACE carry, EPERM when left out. */
export interface SeccompRule extends Omit<SpecRule, "args"> {
  readonly args?: readonly SeccompCondition[];
}

/** A condition on one argument. For SCMP_CMP_MASKED_EQ `value` is the mask and `valueTwo` what must remain. */
export interface SeccompCondition extends Omit<SpecCondition, "value" | "valueTwo"> {
  readonly value: number | bigint;
  readonly valueTwo?: number | bigint;
}

/** The conventions that we have tables for. */
export type SeccompArchitecture =
  | "SCMP_ARCH_X86_64"
  | "SCMP_ARCH_X86"
  | "SCMP_ARCH_X32"
  | "SCMP_ARCH_AARCH64"
  | "SCMP_ARCH_ARM"
  | "SCMP_ARCH_RISCV64";
