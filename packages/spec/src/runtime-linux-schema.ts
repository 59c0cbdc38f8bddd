import { z } from "zod";
import { idMappingsSchema, int64, list, map, text, textList, uint32 } from "./runtime-fields.ts";
import type { LinuxSpec } from "./runtime-linux.ts";
import { resourcesSpecSchema } from "./runtime-resources-schema.ts";
import { seccompSpecSchema } from "./runtime-seccomp-schema.ts";

const namespace = z.object({
  type: z.enum(["pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time"]),
  path: text.exactOptional(),
});

const device = z.object({
  path: text,
  type: z.enum(["c", "u", "b", "p"]),
  major: int64.exactOptional(),
  minor: int64.exactOptional(),
  fileMode: uint32.exactOptional(),
  uid: uint32.exactOptional(),
  gid: uint32.exactOptional(),
});

const intelRdt = z.object({
  closID: text.exactOptional(),
  l3CacheSchema: text.exactOptional(),
  memBwSchema: text.exactOptional(),
  enableCMT: z.boolean().exactOptional(),
  enableMBM: z.boolean().exactOptional(),
});

const timeOffset = z.object({ secs: int64.exactOptional(), nanosecs: uint32.exactOptional() });

/** `linux` of a runtime document. */
export const linuxSpecSchema: z.ZodType<LinuxSpec> = z.object({
  uidMappings: idMappingsSchema.exactOptional(),
  gidMappings: idMappingsSchema.exactOptional(),
  sysctl: map(text).exactOptional(),
  resources: resourcesSpecSchema.exactOptional(),
  cgroupsPath: text.exactOptional(),
  namespaces: list(namespace).exactOptional(),
  devices: list(device).exactOptional(),
  seccomp: seccompSpecSchema.exactOptional(),
  rootfsPropagation: z
    .templateLiteral([z.enum(["", "r"]), z.enum(["shared", "slave", "private", "unbindable"])])
    .exactOptional(),
  maskedPaths: textList.exactOptional(),
  readonlyPaths: textList.exactOptional(),
  mountLabel: text.exactOptional(),
  intelRdt: intelRdt.exactOptional(),
  personality: z.object({ domain: z.enum(["LINUX", "LINUX32"]), flags: textList.exactOptional() }).exactOptional(),
  timeOffsets: z
    .object({ boottime: timeOffset.exactOptional(), monotonic: timeOffset.exactOptional() })
    .exactOptional(),
});
