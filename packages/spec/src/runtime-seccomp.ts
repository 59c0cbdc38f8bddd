/** A system call filter (OCI runtime-spec 1.2, config-linux.md "Seccomp"). */
export interface SeccompSpec {
  readonly defaultAction: SeccompAction;
  readonly defaultErrnoRet?: number;
  /** `SCMP_ARCH_X86_64` */
  readonly architectures?: readonly string[];
  /** `SECCOMP_FILTER_FLAG_LOG` */
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls?: readonly SeccompRule[];
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

/** What happens to some system calls, when all conditions hold. */
export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: SeccompAction;
  readonly errnoRet?: number;
  readonly args?: readonly SeccompCondition[];
}

export interface SeccompCondition {
  /** 0 to 5. */
  readonly index: number;
  /** Unsigned, 64 bits; above 2^53 rounded by JSON. */
  readonly value: number;
  /** The value to compare the masked argument with. */
  readonly valueTwo?: number;
  readonly op: SeccompOperator;
}
