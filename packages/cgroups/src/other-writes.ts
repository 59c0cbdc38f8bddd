import type { CpuSpec, HugepageLimit, NetworkClassSpec, RdmaLimit } from "@galley/spec";
import { invalid, numberText, type ResourceWrite, writeWhen } from "./resource-write.ts";

/** Processes: 0 and below mean unlimited. The same file in both versions. */
export function pidsWrites(limit: number): readonly ResourceWrite[] {
  if (!Number.isInteger(limit)) throw invalid("the number of processes", limit);
  return [
    {
      controller: "pids",
      file: "pids.max",
      text: limit > 0 ? String(BigInt(limit)) : "max",
      why: "limit the number of processes",
    },
  ];
}

/** Processors and memory nodes, as lists: `0-3,5`. The same files in both versions. */
export function cpusetWrites(cpu: Pick<CpuSpec, "cpus" | "mems">): readonly ResourceWrite[] {
  const list = (resource: string, text: string | undefined): string | undefined => {
    if (!text) return undefined;
    if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) throw invalid(resource, JSON.stringify(text));
    return text;
  };
  return [
    ...writeWhen(list("cpus", cpu.cpus), { controller: "cpuset", file: "cpuset.cpus", why: "choose processors" }),
    ...writeWhen(list("mems", cpu.mems), { controller: "cpuset", file: "cpuset.mems", why: "choose memory nodes" }),
  ];
}

/** Huge pages; the file that counts reservations came with kernel 5.7. */
export function hugepageWrites(limits: readonly HugepageLimit[], version: 1 | 2): readonly ResourceWrite[] {
  const end = version === 1 ? "limit_in_bytes" : "max";
  return limits.flatMap(({ pageSize, limit }) => {
    if (!/^[1-9]\d*(KB|MB|GB)$/.test(pageSize)) throw invalid("a huge page size", JSON.stringify(pageSize));
    const text = numberText("huge pages", limit, [0, 2 ** 64]) ?? "";
    const why = `limit huge pages of ${pageSize}`;
    return [
      { controller: "hugetlb", file: `hugetlb.${pageSize}.${end}`, text, why },
      { controller: "hugetlb", file: `hugetlb.${pageSize}.rsvd.${end}`, text, why, ok: ["ENOENT"] as const },
    ];
  });
}

/** RDMA devices; the same file in both versions. */
export function rdmaWrites(devices: Readonly<Record<string, RdmaLimit>>): readonly ResourceWrite[] {
  return Object.entries(devices).map(([device, { hcaHandles, hcaObjects }]) => {
    if (!/^[\w.-]+$/.test(device)) throw invalid("an RDMA device", JSON.stringify(device));
    const handles = numberText("hca handles", hcaHandles, [0, 0xffff_ffff]) ?? "max";
    const objects = numberText("hca objects", hcaObjects, [0, 0xffff_ffff]) ?? "max";
    return {
      controller: "rdma",
      file: "rdma.max",
      text: `${device} hca_handle=${handles} hca_object=${objects}`,
      why: `limit RDMA device ${device}`,
    };
  });
}

/** Network classes and priorities, which only version 1 has. */
export function networkWrites({ classID, priorities }: NetworkClassSpec): readonly ResourceWrite[] {
  const named = (priorities ?? []).map(({ name, priority }) => {
    if (!/^[^\s/:]{1,15}$/.test(name)) throw invalid("a network interface", JSON.stringify(name));
    return {
      controller: "net_prio",
      file: "net_prio.ifpriomap",
      text: `${name} ${numberText("network priority", priority, [0, 0xffff_ffff])}`,
      why: `set the priority of ${name}`,
    };
  });
  const id = classID ? numberText("network class", classID, [0, 0xffff_ffff]) : undefined;
  return [...writeWhen(id, { controller: "net_cls", file: "net_cls.classid", why: "set the network class" }), ...named];
}
