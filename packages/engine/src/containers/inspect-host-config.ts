import { capabilityNames, podmanCapabilities } from "@galley/capabilities";
import type { MountSpec, ResourcesSpec, RuntimeSpec } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { containerPlaces, fileNames } from "./container-places.ts";
import type { ContainerRecord } from "./container-record.ts";
import { bindText } from "./inspect-mounts.ts";
import type { CreateContainerOptions, SecurityOptions } from "./options.ts";

/** The part of `inspect` that is about this host: limits, mounts, namespaces, privileges. */
export function inspectHostConfig(engine: Engine, record: ContainerRecord, spec: RuntimeSpec | undefined) {
  const { options } = record;
  return {
    Binds: (options.files?.binds ?? []).map(bindText),
    CgroupManager: "cgroupfs",
    CgroupMode: "private",
    ContainerIDFile: "",
    LogConfig: logConfig(engine, record),
    NetworkMode: options.network ?? "none",
    PortBindings: {},
    RestartPolicy: { Name: "", MaximumRetryCount: 0 },
    AutoRemove: options.life?.autoRemove ?? false,
    ...capabilityChanges(options.security ?? {}, spec),
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: [],
    GroupAdd: [],
    Init: options.process?.init ?? false,
    IpcMode: "private",
    OomScoreAdj: spec?.process?.oomScoreAdj ?? 0,
    PidMode: "private",
    Privileged: options.security?.privileged ?? false,
    PublishAllPorts: false,
    ReadonlyRootfs: options.files?.readOnlyRoot ?? false,
    SecurityOpt: securityOptions(options.security ?? {}),
    Tmpfs: Object.fromEntries((options.files?.tmpfs ?? []).map((each) => [each.containerPath, each.options.join(",")])),
    UTSMode: "private",
    UsernsMode: "",
    ShmSize: sharedMemoryBytes(spec?.mounts ?? []),
    Runtime: "oci",
    Devices: [],
    ...resources(options, spec?.linux?.resources ?? {}),
  };
}

function logConfig(engine: Engine, { id }: ContainerRecord) {
  const path = `${containerPlaces(engine, id).keepDirectory}/${fileNames.log}`;
  return { Type: "k8s-file", Config: null, Path: path, Tag: "", Size: "0B" };
}

/** What differs from the default set; nothing for privileged containers, as in podman. */
function capabilityChanges({ privileged }: SecurityOptions, spec: RuntimeSpec | undefined) {
  const usual: readonly string[] = capabilityNames(podmanCapabilities);
  const given: readonly string[] = privileged ? usual : (spec?.process?.capabilities?.bounding ?? usual);
  return {
    CapAdd: given.filter((name) => !usual.includes(name)),
    CapDrop: usual.filter((name) => !given.includes(name)),
  };
}

function securityOptions({
  seccomp,
  labels = [],
  noNewPrivileges,
  maskedPaths = [],
  unmaskedPaths = [],
}: SecurityOptions) {
  const profile =
    seccomp === undefined || seccomp === "default"
      ? []
      : [`seccomp=${typeof seccomp === "string" ? seccomp : seccomp.path}`];
  const paths = [
    ...(maskedPaths.length > 0 ? [`mask=${maskedPaths.join(":")}`] : []),
    ...(unmaskedPaths.length > 0 ? [`unmask=${unmaskedPaths.join(":")}`] : []),
  ];
  return [
    ...profile,
    ...labels.map((label) => `label=${label}`),
    ...(noNewPrivileges ? ["no-new-privileges"] : []),
    ...paths,
  ];
}

function resources({ resources: asked = {} }: CreateContainerOptions, { memory, cpu, pids }: ResourcesSpec) {
  return {
    CpuShares: cpu?.shares ?? 0,
    Memory: memory?.limit ?? 0,
    MemorySwap: memory?.swap ?? 0,
    MemoryReservation: memory?.reservation ?? 0,
    MemorySwappiness: -1,
    NanoCpus: Math.round((asked.cpus ?? 0) * 1e9),
    CpuPeriod: cpu?.period ?? 0,
    CpuQuota: cpu?.quota ?? 0,
    CpusetCpus: cpu?.cpus ?? "",
    CpusetMems: cpu?.mems ?? "",
    OomKillDisable: false,
    PidsLimit: pids?.limit ?? 0,
    Ulimits: (asked.ulimits ?? []).map(({ name, soft, hard }) => ({
      Name: `RLIMIT_${name.toUpperCase()}`,
      Soft: soft,
      Hard: hard,
    })),
  };
}

/** The size of /dev/shm, which is ours: "size=64000k". */
function sharedMemoryBytes(mounts: readonly MountSpec[]): number {
  const options = mounts.find(({ destination }) => destination === "/dev/shm")?.options ?? [];
  const [, kilobytes = "0"] = /^size=(\d+)k$/.exec(options.find((option) => option.startsWith("size=")) ?? "") ?? [];
  return Number(kilobytes) * 1024;
}
