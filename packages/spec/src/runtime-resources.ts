/** Limits of a cgroup (OCI runtime-spec 1.2, config-linux.md "Control groups"). */
export interface ResourcesSpec {
  /** Files of cgroup v2 and their text. */
  readonly unified?: Readonly<Record<string, string>>;
  readonly devices?: readonly DeviceRule[];
  readonly memory?: MemorySpec;
  readonly cpu?: CpuSpec;
  readonly pids?: { readonly limit: number };
  readonly blockIO?: BlockIoSpec;
  readonly hugepageLimits?: readonly HugepageLimit[];
  readonly network?: NetworkClassSpec;
  readonly rdma?: Readonly<Record<string, RdmaLimit>>;
}

/** One line of the device list; the last that matches wins. */
export interface DeviceRule {
  readonly allow: boolean;
  /** All types when absent. */
  readonly type?: "a" | "c" | "b";
  /** All numbers when absent or -1. */
  readonly major?: number;
  readonly minor?: number;
  /** Of the letters r, w and m. */
  readonly access?: string;
}

/** In bytes; -1 is unlimited. */
export interface MemorySpec {
  readonly limit?: number;
  readonly reservation?: number;
  /** Memory and swap together. */
  readonly swap?: number;
  readonly kernel?: number;
  readonly kernelTCP?: number;
  /** 0 to 100. */
  readonly swappiness?: number;
  readonly disableOOMKiller?: boolean;
  readonly useHierarchy?: boolean;
  readonly checkBeforeUpdate?: boolean;
}

/** Times in microseconds. */
export interface CpuSpec {
  readonly shares?: number;
  readonly quota?: number;
  readonly burst?: number;
  readonly period?: number;
  readonly realtimeRuntime?: number;
  readonly realtimePeriod?: number;
  /** `0-3,5` */
  readonly cpus?: string;
  readonly mems?: string;
  readonly idle?: number;
}

export interface BlockIoSpec {
  /** 10 to 1000. */
  readonly weight?: number;
  readonly leafWeight?: number;
  readonly weightDevice?: readonly WeightDevice[];
  readonly throttleReadBpsDevice?: readonly ThrottleDevice[];
  readonly throttleWriteBpsDevice?: readonly ThrottleDevice[];
  readonly throttleReadIOPSDevice?: readonly ThrottleDevice[];
  readonly throttleWriteIOPSDevice?: readonly ThrottleDevice[];
}

export interface WeightDevice {
  readonly major: number;
  readonly minor: number;
  readonly weight?: number;
  readonly leafWeight?: number;
}

export interface ThrottleDevice {
  readonly major: number;
  readonly minor: number;
  /** Bytes or operations in a second. */
  readonly rate: number;
}

export interface HugepageLimit {
  /** `2MB` */
  readonly pageSize: string;
  /** In bytes. */
  readonly limit: number;
}

export interface NetworkClassSpec {
  readonly classID?: number;
  readonly priorities?: readonly { readonly name: string; readonly priority: number }[];
}

export interface RdmaLimit {
  readonly hcaHandles?: number;
  readonly hcaObjects?: number;
}
