/**
 * The shape of `linux.seccomp` in a bundle's config.json (OCI runtime spec, config-linux.md, Seccomp), with one
 * widening: 64-bit values may be `bigint`, because a JSON number is exact only up to 2^53.
 */
export interface LinuxSeccomp {
  readonly defaultAction: SeccompAction;
  /** What ERRNO and TRACE carry as default action; EPERM when left out. */
  readonly defaultErrnoRet?: number | undefined;
  /** Conventions besides the native one that the filter lets in. */
  readonly architectures?: readonly string[] | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly listenerPath?: string | undefined;
  readonly listenerMetadata?: string | undefined;
  readonly syscalls?: readonly SeccompRule[] | undefined;
}

/** One entry of `linux.seccomp.syscalls`. */
export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  /** What ERRNO and TRACE carry; EPERM when left out. */
  readonly errnoRet?: number | undefined;
  readonly args?: readonly SeccompCondition[] | undefined;
}

/** A condition on one argument. For SCMP_CMP_MASKED_EQ `value` is the mask and `valueTwo` what must remain. */
export interface SeccompCondition {
  /** Which argument, 0 to 5. */
  readonly index: number;
  readonly value: number | bigint;
  readonly valueTwo?: number | bigint | undefined;
  readonly op: SeccompOperator;
}

export type SeccompAction =
  | "SCMP_ACT_KILL"
  | "SCMP_ACT_KILL_PROCESS"
  | "SCMP_ACT_KILL_THREAD"
  | "SCMP_ACT_TRAP"
  | "SCMP_ACT_ERRNO"
  | "SCMP_ACT_TRACE"
  | "SCMP_ACT_ALLOW"
  | "SCMP_ACT_LOG"
  | "SCMP_ACT_NOTIFY";

export type SeccompOperator =
  | "SCMP_CMP_NE"
  | "SCMP_CMP_LT"
  | "SCMP_CMP_LE"
  | "SCMP_CMP_EQ"
  | "SCMP_CMP_GE"
  | "SCMP_CMP_GT"
  | "SCMP_CMP_MASKED_EQ";

/** The conventions that we have tables for. */
export type SeccompArchitecture =
  | "SCMP_ARCH_X86_64"
  | "SCMP_ARCH_X86"
  | "SCMP_ARCH_X32"
  | "SCMP_ARCH_AARCH64"
  | "SCMP_ARCH_ARM"
  | "SCMP_ARCH_RISCV64";
