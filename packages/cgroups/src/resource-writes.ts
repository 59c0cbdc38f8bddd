import { galleyError, type ResourcesSpec } from "@galley/spec";
import { asksCpu, cpuWritesV1, cpuWritesV2 } from "./cpu-writes.ts";
import { asksIo, type IoOptions, ioWritesV1, ioWritesV2 } from "./io-writes.ts";
import type { CgroupLayout } from "./layout.ts";
import { limits } from "./limits.ts";
import { asksMemory, type MemoryOptions, memoryWritesV1, memoryWritesV2 } from "./memory-writes.ts";
import { cpusetWrites, hugepageWrites, networkWrites, pidsWrites, rdmaWrites } from "./other-writes.ts";
import { type ResourceWrite, unsupported } from "./resource-write.ts";

/** What bears on the writes besides the resources. */
export interface ResourceOptions extends MemoryOptions, IoOptions {}

/**
 * Turns resource limits into texts for files, in the order in which they must be written (OCI runtime-spec, config-linux.md
 * "Control groups"). Device rules are not among them: see `deviceWritesV1` and `compileDeviceFilter`.
 *
 * @throws `unsupported` where the host has no controller for a limit or the kernel has no such limit any more,
 * `invalid` for values that make no sense. No limit is ever dropped silently.
 *
 * @example
 * resourceWrites(layout, { pids: { limit: 20 } }); // [{ controller: "pids", file: "pids.max", text: "20", ... }]
 */
export function resourceWrites(
  layout: CgroupLayout,
  resources: ResourcesSpec,
  options: ResourceOptions = {},
): readonly ResourceWrite[] {
  const { memory, cpu, pids, blockIO, hugepageLimits, network, rdma, unified } = resources;
  const in1or2 = (controller: string, resource: string): 1 | 2 => versionOf(layout, controller, resource);
  const asksSet = Boolean(cpu?.cpus || cpu?.mems);
  return [
    ...(memory && asksMemory(memory)
      ? in1or2("memory", "memory") === 1
        ? memoryWritesV1(memory, options)
        : memoryWritesV2(memory)
      : []),
    ...(cpu && asksCpu(cpu) ? (in1or2("cpu", "processor time") === 1 ? cpuWritesV1(cpu) : cpuWritesV2(cpu)) : []),
    ...(cpu && asksSet && in1or2("cpuset", "processors") ? cpusetWrites(cpu) : []),
    ...(pids && asksPids(layout, pids.limit) ? pidsWrites(pids.limit) : []),
    ...(blockIO && asksIo(blockIO) ? ioWrites(layout, blockIO, options) : []),
    ...(hugepageLimits?.length ? hugepageWrites(hugepageLimits, in1or2("hugetlb", "huge pages")) : []),
    ...(rdma && Object.keys(rdma).length > 0 && in1or2("rdma", "RDMA devices") ? rdmaWrites(rdma) : []),
    ...(network ? checked(layout, networkWrites(network)) : []),
    ...(unified ? unifiedWrites(layout, unified) : []),
  ];
}

/** Which version holds a controller. */
export function controllerVersion(layout: CgroupLayout, controller: string): 1 | 2 | undefined {
  if (layout.legacy.some(({ controllers }) => controllers.includes(controller))) return 1;
  return layout.unified?.controllers.includes(controller) ? 2 : undefined;
}

function versionOf(layout: CgroupLayout, controller: string, resource: string): 1 | 2 {
  const version = controllerVersion(layout, controller);
  if (version === undefined) throw unsupported(resource, `this host has no control group controller ${controller}`);
  return version;
}

/** "Unlimited" needs no controller. */
function asksPids(layout: CgroupLayout, limit: number): boolean {
  return limit > 0
    ? Boolean(versionOf(layout, "pids", "the number of processes"))
    : controllerVersion(layout, "pids") !== undefined;
}

/** The one controller that changed its name: blkio became io. */
function ioWrites(
  layout: CgroupLayout,
  io: NonNullable<ResourcesSpec["blockIO"]>,
  options: IoOptions,
): readonly ResourceWrite[] {
  if (controllerVersion(layout, "blkio") === 1) return ioWritesV1(io);
  versionOf(layout, "io", "block devices");
  return ioWritesV2(io, options);
}

function checked(layout: CgroupLayout, writes: readonly ResourceWrite[]): readonly ResourceWrite[] {
  for (const { controller } of writes) versionOf(layout, controller, "network classes");
  return writes;
}

/** Files of a group that move processes or change its nature are not limits. */
const notLimits: readonly string[] = [
  "cgroup.procs",
  "cgroup.threads",
  "cgroup.kill",
  "cgroup.type",
  "cgroup.subtree_control",
  "cgroup.freeze",
];

function unifiedWrites(layout: CgroupLayout, files: Readonly<Record<string, string>>): readonly ResourceWrite[] {
  const entries = Object.entries(files);
  if (entries.length === 0) return [];
  if (!layout.unified) throw unsupported("unified resources", "this host has no control groups of version 2");
  if (entries.length > limits.unifiedFiles)
    throw galleyError("invalid", "cgroups.unified", `${entries.length} unified resources, over ${limits.unifiedFiles}`);
  return entries.flatMap(([file, value]) => {
    const controller = /^([a-z_]+)\.[\w.]+$/.exec(file)?.[1];
    if (controller === undefined || notLimits.includes(file)) {
      throw galleyError(
        "invalid",
        "cgroups.unified",
        `unified resource ${JSON.stringify(file)} is not a limit of a controller`,
      );
    }
    if (controller !== "cgroup" && !layout.unified?.controllers.includes(controller)) {
      throw unsupported(`unified resource ${file}`, `cgroup version 2 has no controller ${controller} here`);
    }
    const texts = value.split("\n").filter((line) => line !== "");
    return texts.map((text) => ({ controller, file, text, why: `set ${file}` }));
  });
}
