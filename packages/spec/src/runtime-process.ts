/** The first program of a container, or one executed in it (OCI runtime-spec 1.2, config.md "Process"). */
export interface ProcessSpec {
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: UserSpec;
  readonly args?: readonly string[];
  /** `NAME=value` */
  readonly env?: readonly string[];
  readonly cwd: string;
  readonly capabilities?: CapabilitiesSpec;
  readonly rlimits?: readonly RlimitSpec[];
  readonly noNewPrivileges?: boolean;
  readonly apparmorProfile?: string;
  readonly oomScoreAdj?: number;
  readonly scheduler?: SchedulerSpec;
  readonly selinuxLabel?: string;
  readonly ioPriority?: IoPrioritySpec;
  readonly execCPUAffinity?: { readonly initial?: string; readonly final?: string };
}

/** config.md "User". */
export interface UserSpec {
  readonly uid: number;
  readonly gid: number;
  readonly umask?: number;
  readonly additionalGids?: readonly number[];
}

export type CapabilitySetName = "bounding" | "effective" | "inheritable" | "permitted" | "ambient";

/** Names such as `CAP_CHOWN` in each of the five sets. */
export type CapabilitiesSpec = Readonly<Partial<Record<CapabilitySetName, readonly string[]>>>;

/**
 * setrlimit(2). Numbers above 2^53 are rounded by JSON, so "unlimited" (2^64 - 1) reads as 2^64: take everything from
 * there on as unlimited.
 */
export interface RlimitSpec {
  /** `RLIMIT_NOFILE` */
  readonly type: string;
  readonly hard: number;
  readonly soft: number;
}

/** sched_setattr(2). */
export interface SchedulerSpec {
  /** `SCHED_OTHER`, `SCHED_FIFO`, `SCHED_RR`, `SCHED_BATCH`, `SCHED_ISO`, `SCHED_IDLE` or `SCHED_DEADLINE`. */
  readonly policy: string;
  readonly nice?: number;
  readonly priority?: number;
  readonly flags?: readonly string[];
  /** In nanoseconds, as the next two. */
  readonly runtime?: number;
  readonly deadline?: number;
  readonly period?: number;
}

/** ioprio_set(2). */
export interface IoPrioritySpec {
  readonly class: "IOPRIO_CLASS_RT" | "IOPRIO_CLASS_BE" | "IOPRIO_CLASS_IDLE";
  readonly priority: number;
}
