import { resolveProfile, type SeccompProfile } from "@galley/seccomp";
import type { LinuxSpec, NamespaceSpec, ProcessSpec, ResourcesSpec, SeccompSpec } from "@galley/spec";
import { cgroupPath } from "../containers/container-cgroups.ts";
import type { CreateContainerOptions, ResourceOptions, SecurityOptions } from "../containers/options.ts";
import type { SpecHost, SpecParts } from "./container-spec.ts";
import { hostDevices } from "./host-devices.ts";

/** Hidden from every container, as podman hides them (and docker, for the most part). */
const maskedPaths = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/devices/virtual/powercap",
  "/sys/dev/block",
  "/sys/firmware",
  "/sys/fs/selinux",
];

const readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/** The Linux part of a container's specification (config-linux.md). */
export function linuxSpec({ record, seccompProfile, host }: SpecParts, process: ProcessSpec): LinuxSpec {
  const { options } = record;
  const security = options.security ?? {};
  return {
    namespaces: namespaces(options),
    resources: resources(options),
    cgroupsPath: cgroupPath(record.id),
    ...(record.labels?.mount ? { mountLabel: record.labels.mount } : {}),
    maskedPaths: masked(security),
    readonlyPaths: readonly(security),
    ...(security.privileged ? { devices: hostDevices() } : {}),
    ...(options.network === "host" ? {} : { sysctl: { "net.ipv4.ping_group_range": "0 0" } }),
    ...(seccompProfile ? { seccomp: containerSeccomp(seccompProfile, process, host) } : {}),
  };
}

function namespaces({ network }: CreateContainerOptions): NamespaceSpec[] {
  const types = ["pid", "ipc", "uts", "mount", "cgroup"] as const;
  return [...types.map((type) => ({ type })), ...(network === "host" ? [] : [{ type: "network" as const }])];
}

function masked(security: SecurityOptions): string[] {
  if (security.privileged) return [...(security.maskedPaths ?? [])];
  return [...unmask(maskedPaths, security), ...(security.maskedPaths ?? [])];
}

function readonly(security: SecurityOptions): string[] {
  return security.privileged ? [] : unmask(readonlyPaths, security);
}

function unmask(paths: readonly string[], { unmaskedPaths = [] }: SecurityOptions): string[] {
  if (unmaskedPaths.some((path) => path.toUpperCase() === "ALL")) return [];
  return paths.filter((path) => !unmaskedPaths.some((pattern) => matches(path, pattern)));
}

/** `*` stands for what lies between two slashes, as podman's glob patterns have it. */
function matches(path: string, pattern: string): boolean {
  const expression = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${expression.join("[^/]*")}$`).test(path);
}

function containerSeccomp(
  profile: SeccompProfile,
  process: ProcessSpec,
  { architecture, kernelVersion }: SpecHost,
): SeccompSpec {
  const capabilities = [...(process.capabilities?.bounding ?? [])];
  return resolveProfile(profile, { architecture, capabilities, kernelVersion }) as SeccompSpec;
}

/** podman's limit of processes where none is asked for. */
const defaultPidsLimit = 2048;

function resources({ resources: asked = {}, security = {} }: CreateContainerOptions): ResourcesSpec {
  const pids = asked.pidsLimit ?? defaultPidsLimit;
  return {
    devices: [{ allow: security.privileged ?? false, access: "rwm" }],
    ...memory(asked),
    ...cpu(asked),
    pids: { limit: pids === 0 ? -1 : pids },
  };
}

function memory({ memoryBytes, memorySwapBytes }: ResourceOptions): Pick<ResourcesSpec, "memory"> {
  if (memoryBytes === undefined) return {};
  // as podman and docker: without a word about swap, as much swap as memory
  return { memory: { limit: memoryBytes, swap: memorySwapBytes ?? memoryBytes * 2 } };
}

const cpuPeriodUs = 100_000;

function cpu({ cpus }: ResourceOptions): Pick<ResourcesSpec, "cpu"> {
  return cpus === undefined || cpus === 0
    ? {}
    : { cpu: { quota: Math.round(cpus * cpuPeriodUs), period: cpuPeriodUs } };
}
