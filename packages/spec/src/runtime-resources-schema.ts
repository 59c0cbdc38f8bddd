import { z } from "zod";
import { int64, list, map, text, uint32, uint64 } from "./runtime-fields.ts";
import type { ResourcesSpec } from "./runtime-resources.ts";

const deviceRule = z.object({
  allow: z.boolean(),
  type: z.enum(["a", "c", "b"]).exactOptional(),
  major: int64.exactOptional(),
  minor: int64.exactOptional(),
  access: z
    .string()
    .regex(/^[rwm]{0,3}$/, "not of the letters r, w, m")
    .exactOptional(),
});

const memory = z.object({
  limit: int64.exactOptional(),
  reservation: int64.exactOptional(),
  swap: int64.exactOptional(),
  kernel: int64.exactOptional(),
  kernelTCP: int64.exactOptional(),
  swappiness: uint64.exactOptional(),
  disableOOMKiller: z.boolean().exactOptional(),
  useHierarchy: z.boolean().exactOptional(),
  checkBeforeUpdate: z.boolean().exactOptional(),
});

const cpu = z.object({
  shares: uint64.exactOptional(),
  quota: int64.exactOptional(),
  burst: uint64.exactOptional(),
  period: uint64.exactOptional(),
  realtimeRuntime: int64.exactOptional(),
  realtimePeriod: uint64.exactOptional(),
  cpus: text.exactOptional(),
  mems: text.exactOptional(),
  idle: int64.exactOptional(),
});

const weight = z.int().min(0).max(0xffff);
const throttles = list(z.object({ major: int64, minor: int64, rate: uint64 }));

const blockIo = z.object({
  weight: weight.exactOptional(),
  leafWeight: weight.exactOptional(),
  weightDevice: list(
    z.object({
      major: int64,
      minor: int64,
      weight: weight.exactOptional(),
      leafWeight: weight.exactOptional(),
    }),
  ).exactOptional(),
  throttleReadBpsDevice: throttles.exactOptional(),
  throttleWriteBpsDevice: throttles.exactOptional(),
  throttleReadIOPSDevice: throttles.exactOptional(),
  throttleWriteIOPSDevice: throttles.exactOptional(),
});

/** `linux.resources` of a runtime document, and what `update` is given. */
export const resourcesSpecSchema: z.ZodType<ResourcesSpec> = z.object({
  unified: map(text).exactOptional(),
  devices: list(deviceRule).exactOptional(),
  memory: memory.exactOptional(),
  cpu: cpu.exactOptional(),
  pids: z.object({ limit: int64 }).exactOptional(),
  blockIO: blockIo.exactOptional(),
  hugepageLimits: list(z.object({ pageSize: text, limit: uint64 })).exactOptional(),
  network: z
    .object({
      classID: uint32.exactOptional(),
      priorities: list(z.object({ name: text, priority: uint32 })).exactOptional(),
    })
    .exactOptional(),
  rdma: map(z.object({ hcaHandles: uint32.exactOptional(), hcaObjects: uint32.exactOptional() })).exactOptional(),
});
