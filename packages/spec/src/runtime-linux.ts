import type { ResourcesSpec } from "./runtime-resources.ts";
import type { SeccompSpec } from "./runtime-seccomp.ts";
import type { IdMapping } from "./runtime-spec.ts";

/** The part that only Linux has (OCI runtime-spec 1.2, config-linux.md). */
export interface LinuxSpec {
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly resources?: ResourcesSpec;
  readonly cgroupsPath?: string;
  readonly namespaces?: readonly NamespaceSpec[];
  readonly devices?: readonly DeviceSpec[];
  readonly seccomp?: SeccompSpec;
  readonly rootfsPropagation?: Propagation;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly mountLabel?: string;
  readonly intelRdt?: IntelRdtSpec;
  readonly personality?: PersonalitySpec;
  readonly timeOffsets?: Readonly<Partial<Record<"boottime" | "monotonic", TimeOffset>>>;
}

/** mount_namespaces(7); with `r` also for everything mounted beneath. */
export type Propagation = `${"" | "r"}${"shared" | "slave" | "private" | "unbindable"}`;

export type NamespaceType = "pid" | "network" | "mount" | "ipc" | "uts" | "user" | "cgroup" | "time";

export interface NamespaceSpec {
  readonly type: NamespaceType;
  /** To join; a new namespace when absent. */
  readonly path?: string;
}

/** A device node to make. */
export interface DeviceSpec {
  readonly path: string;
  /** Character (`u` is unbuffered character), block, FIFO. */
  readonly type: "c" | "u" | "b" | "p";
  readonly major?: number;
  readonly minor?: number;
  /** Permission bits, as a number. */
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** Cache and memory bandwidth of Intel's resource director. */
export interface IntelRdtSpec {
  readonly closID?: string;
  readonly l3CacheSchema?: string;
  readonly memBwSchema?: string;
  readonly enableCMT?: boolean;
  readonly enableMBM?: boolean;
}

/** personality(2). */
export interface PersonalitySpec {
  readonly domain: "LINUX" | "LINUX32";
  readonly flags?: readonly string[];
}

export interface TimeOffset {
  readonly secs?: number;
  readonly nanosecs?: number;
}
