import type { ResourcesSpec } from "@galley/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpuWeight } from "./cpu-writes.ts";
import { ioWeight } from "./io-writes.ts";
import { type ResourceOptions, resourceWrites } from "./resource-writes.ts";
import { bare, hybrid, joined, unified } from "./testing/hosts.ts";

const mib = 1024 * 1024;
const on = (layout: typeof hybrid, resources: ResourcesSpec, options?: ResourceOptions): string[] =>
  resourceWrites(layout, resources, options).map(({ file, text }) => `${file}=${text}`);

describe("resourceWrites() writes", () => {
  const cases: readonly [string, ResourcesSpec, readonly string[], readonly string[]][] = [
    ["nothing for nothing", {}, [], []],
    ["nothing for zeros", { memory: { limit: 0, swap: 0 }, cpu: { shares: 0, quota: 0, period: 0 } }, [], []],
    ["a memory limit", { memory: { limit: 64 * mib } }, ["memory.limit_in_bytes=67108864"], ["memory.max=67108864"]],
    [
      "memory and swap",
      { memory: { limit: 64 * mib, swap: 128 * mib } },
      ["memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=134217728"],
      ["memory.swap.max=67108864", "memory.max=67108864"],
    ],
    [
      "no swap at all",
      { memory: { limit: mib, swap: mib } },
      ["memory.limit_in_bytes=1048576", "memory.memsw.limit_in_bytes=1048576"],
      ["memory.swap.max=0", "memory.max=1048576"],
    ],
    [
      "unlimited swap",
      { memory: { limit: mib, swap: -1 } },
      ["memory.memsw.limit_in_bytes=-1", "memory.limit_in_bytes=1048576"],
      ["memory.swap.max=max", "memory.max=1048576"],
    ],
    [
      "unlimited memory",
      { memory: { limit: -1 } },
      ["memory.memsw.limit_in_bytes=-1", "memory.limit_in_bytes=-1"],
      ["memory.swap.max=max", "memory.max=max"],
    ],
    ["a reservation", { memory: { reservation: mib } }, ["memory.soft_limit_in_bytes=1048576"], ["memory.low=1048576"]],
    [
      "processor time",
      { cpu: { quota: 50_000, period: 100_000 } },
      ["cpu.cfs_period_us=100000", "cpu.cfs_quota_us=50000"],
      ["cpu.max=50000 100000"],
    ],
    ["a quota without a period", { cpu: { quota: 50_000 } }, ["cpu.cfs_quota_us=50000"], ["cpu.max=50000 100000"]],
    ["a period without a quota", { cpu: { period: 10_000 } }, ["cpu.cfs_period_us=10000"], ["cpu.max=max 10000"]],
    ["no quota", { cpu: { quota: -1 } }, ["cpu.cfs_quota_us=-1"], ["cpu.max=max 100000"]],
    ["shares", { cpu: { shares: 512 } }, ["cpu.shares=512"], ["cpu.weight=59"]],
    [
      "idle and burst",
      { cpu: { idle: 1, burst: 0 } },
      ["cpu.cfs_burst_us=0", "cpu.idle=1"],
      ["cpu.idle=1", "cpu.max.burst=0"],
    ],
    [
      "processors and nodes",
      { cpu: { cpus: "0-3,5", mems: "0" } },
      ["cpuset.cpus=0-3,5", "cpuset.mems=0"],
      ["cpuset.cpus=0-3,5", "cpuset.mems=0"],
    ],
    ["processes", { pids: { limit: 20 } }, ["pids.max=20"], ["pids.max=20"]],
    ["any number of processes", { pids: { limit: 0 } }, ["pids.max=max"], ["pids.max=max"]],
    ["any number of processes, said otherwise", { pids: { limit: -1 } }, ["pids.max=max"], ["pids.max=max"]],
    [
      "huge pages",
      { hugepageLimits: [{ pageSize: "2MB", limit: 0 }] },
      ["hugetlb.2MB.max=0", "hugetlb.2MB.rsvd.max=0"],
      ["hugetlb.2MB.max=0", "hugetlb.2MB.rsvd.max=0"],
    ],
    [
      "block weights",
      { blockIO: { weight: 500, weightDevice: [{ major: 8, minor: 0, weight: 10 }] } },
      ["blkio.bfq.weight=500", "blkio.bfq.weight_device=8:0 10"],
      ["io.weight=4950", "io.weight=8:0 1"],
    ],
    [
      "block limits",
      {
        blockIO: {
          throttleReadBpsDevice: [{ major: 8, minor: 0, rate: mib }],
          throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 0 }],
        },
      },
      ["blkio.throttle.read_bps_device=8:0 1048576", "blkio.throttle.write_iops_device=8:16 0"],
      ["io.max=8:0 rbps=1048576", "io.max=8:16 wiops=max"],
    ],
    [
      "swappiness that was not asked",
      { memory: { limit: mib, swappiness: -1 } },
      ["memory.limit_in_bytes=1048576"],
      ["memory.max=1048576"],
    ],
  ];
  test.each(cases)("%s", (_, resources, first, second) => {
    expect(on(hybrid, resources)).toEqual(first);
    expect(on(unified, resources)).toEqual(second);
  });

  test("what only version 1 has", () => {
    expect(on(hybrid, { memory: { limit: mib, swappiness: 0, disableOOMKiller: true } })).toEqual([
      "memory.limit_in_bytes=1048576",
      "memory.oom_control=1",
      "memory.swappiness=0",
    ]);
    expect(on(joined, { network: { classID: 0x100001, priorities: [{ name: "eth0", priority: 5 }] } })).toEqual([
      "net_cls.classid=1048577",
      "net_prio.ifpriomap=eth0 5",
    ]);
    expect(on(joined, { cpu: { realtimePeriod: 1_000_000, realtimeRuntime: 950_000 } })).toEqual([
      "cpu.rt_period_us=1000000",
      "cpu.rt_runtime_us=950000",
    ]);
  });

  test("files of version 2 as they are, line by line", () => {
    expect(
      on(unified, {
        unified: { "memory.high": "1048576", "io.max": "8:0 rbps=1\n8:16 wbps=2", "cgroup.max.depth": "3" },
      }),
    ).toEqual(["memory.high=1048576", "io.max=8:0 rbps=1", "io.max=8:16 wbps=2", "cgroup.max.depth=3"]);
    expect(on(hybrid, { unified: { "hugetlb.2MB.max": "0" } })).toEqual(["hugetlb.2MB.max=0"]);
  });

  test("RDMA devices", () => {
    expect(on(unified, { rdma: { mlx5_1: { hcaHandles: 3 } } })).toEqual([
      "rdma.max=mlx5_1 hca_handle=3 hca_object=max",
    ]);
  });

  test("weights for the scheduler that is asked for", () => {
    expect(on(unified, { blockIO: { weight: 500 } }, { weights: "bfq" })).toEqual(["io.bfq.weight=500"]);
  });
});

test("resourceWrites() raises the sum before memory, and lowers memory before the sum", () => {
  const memory = { limit: 2 * mib, swap: 4 * mib };
  expect(on(hybrid, { memory }, { currentLimitBytes: mib })[0]).toMatch(/^memory\.memsw/);
  expect(on(hybrid, { memory }, { currentLimitBytes: 8 * mib })[0]).toMatch(/^memory\.limit/);
});

test("resourceWrites() tolerates that swap is not counted only where nothing is lost", () => {
  const okay = (swap: number): unknown =>
    resourceWrites(unified, { memory: { limit: mib, swap } }).find(({ file }) => file === "memory.swap.max")?.ok;
  expect(okay(mib)).toEqual(["ENOENT"]);
  expect(okay(-1)).toEqual(["ENOENT"]);
  expect(okay(2 * mib)).toBeUndefined();
});

describe("resourceWrites() says that it cannot limit", () => {
  const refused: readonly [string, typeof hybrid, ResourcesSpec, string][] = [
    ["memory", bare, { memory: { limit: mib } }, "controller memory"],
    ["processor time", bare, { cpu: { shares: 2 } }, "controller cpu"],
    ["processors", joined, { cpu: { cpus: "0" } }, "controller cpuset"],
    ["processes", joined, { pids: { limit: 1 } }, "controller pids"],
    ["block devices", joined, { blockIO: { weight: 10 } }, "controller io"],
    ["huge pages", joined, { hugepageLimits: [{ pageSize: "2MB", limit: 1 }] }, "controller hugetlb"],
    ["network classes", unified, { network: { classID: 1 } }, "controller net_cls"],
    ["kernel memory", hybrid, { memory: { kernel: mib } }, "dropped"],
    ["block leaf weight", hybrid, { blockIO: { leafWeight: 10 } }, "dropped"],
    ["the out-of-memory killer", unified, { memory: { limit: mib, disableOOMKiller: true } }, "no switch"],
    ["swappiness", unified, { memory: { swappiness: 60 } }, "no such file"],
    ["realtime", unified, { cpu: { realtimeRuntime: 1 } }, "no such file"],
    ["unified resources", joined, { unified: { "memory.high": "1" } }, "version 2"],
    ["a unified resource without its controller", hybrid, { unified: { "memory.high": "1" } }, "no controller memory"],
  ];
  test.each(refused)("%s", (_, layout, resources, says) => {
    expect(() => resourceWrites(layout, resources)).toThrow(
      expect.objectContaining({ kind: "unsupported", message: expect.stringContaining(says) }),
    );
  });

  test("nothing, when nothing is asked of a host that can do nothing", () => {
    expect(
      resourceWrites(bare, {
        memory: { limit: 0, swappiness: -1 },
        cpu: {},
        pids: { limit: 0 },
        blockIO: {},
        hugepageLimits: [],
        network: {},
        unified: {},
      }),
    ).toEqual([]);
  });
});

describe("resourceWrites() refuses as invalid", () => {
  const refused: readonly [string, ResourcesSpec][] = [
    ["memory and swap below memory", { memory: { limit: 2 * mib, swap: mib } }],
    ["a fraction of a byte", { memory: { limit: 0.5 } }],
    ["swappiness over 100", { memory: { swappiness: 101 } }],
    ["shares below 2", { cpu: { shares: 1 } }],
    ["a negative period", { cpu: { period: -1 } }],
    ["a processor list that is none", { cpu: { cpus: "0-3\n" } }],
    ["a block weight below 10", { blockIO: { weight: 5 } }],
    ["a negative rate", { blockIO: { throttleReadBpsDevice: [{ major: 8, minor: 0, rate: -1 }] } }],
    ["a huge page size that is a path", { hugepageLimits: [{ pageSize: "../2MB", limit: 1 }] }],
    ["NaN processes", { pids: { limit: Number.NaN } }],
  ];
  test.each(refused)("%s", (_, resources) => {
    expect(() => resourceWrites(hybrid, resources)).toThrow(expect.objectContaining({ kind: "invalid" }));
  });

  test.each([
    "cgroup.procs",
    "cgroup.kill",
    "cgroup.subtree_control",
    "memory/max",
    "../memory.max",
    "memory",
    ".max",
    "memory.max\0",
  ])("the unified file %j", (file) => {
    expect(() => resourceWrites(unified, { unified: { [file]: "1" } })).toThrow(
      expect.objectContaining({ kind: "invalid" }),
    );
  });

  test("swap without memory on version 2", () => {
    expect(() => resourceWrites(unified, { memory: { swap: mib } })).toThrow(
      expect.objectContaining({ kind: "invalid" }),
    );
  });
});

test("cpuWeight() keeps least, default and most, and never falls", () => {
  expect([0, 2, 1024, 262_144, 1e9].map(cpuWeight)).toEqual([1, 1, 100, 10_000, 10_000]);
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 262_144 }), fc.integer({ min: 2, max: 262_144 }), (one, other) => {
      if (one <= other) expect(cpuWeight(one)).toBeLessThanOrEqual(cpuWeight(other));
      expect(cpuWeight(one)).toBeGreaterThanOrEqual(1);
      expect(cpuWeight(one)).toBeLessThanOrEqual(10_000);
    }),
  );
});

test("ioWeight() maps the ends on the ends", () => {
  expect([10, 1000].map(ioWeight)).toEqual([1, 10_000]);
});
