import { z } from "zod";
import { parseDocument } from "./parse-document.ts";
import { int64, list, text, textList, uint32, uint64 } from "./runtime-fields.ts";
import type { ProcessSpec } from "./runtime-process.ts";

const userSchema = z.object({
  uid: uint32,
  gid: uint32,
  umask: uint32.exactOptional(),
  additionalGids: list(uint32).exactOptional(),
});

const capabilitiesSchema = z.object({
  bounding: textList.exactOptional(),
  effective: textList.exactOptional(),
  inheritable: textList.exactOptional(),
  permitted: textList.exactOptional(),
  ambient: textList.exactOptional(),
});

const schedulerSchema = z.object({
  policy: text,
  nice: z.int().exactOptional(),
  priority: z.int().exactOptional(),
  flags: textList.exactOptional(),
  runtime: uint64.exactOptional(),
  deadline: uint64.exactOptional(),
  period: uint64.exactOptional(),
});

const ioPrioritySchema = z.object({
  class: z.enum(["IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE"]),
  priority: z.int(),
});

/** `process` of a runtime document, and the `process.json` of an exec. */
export const processSpecSchema: z.ZodType<ProcessSpec> = z.object({
  terminal: z.boolean().exactOptional(),
  consoleSize: z.object({ height: uint32, width: uint32 }).exactOptional(),
  user: userSchema,
  args: textList.exactOptional(),
  env: textList.exactOptional(),
  cwd: text,
  capabilities: capabilitiesSchema.exactOptional(),
  rlimits: list(z.object({ type: text, hard: uint64, soft: uint64 })).exactOptional(),
  noNewPrivileges: z.boolean().exactOptional(),
  apparmorProfile: text.exactOptional(),
  oomScoreAdj: int64.exactOptional(),
  scheduler: schedulerSchema.exactOptional(),
  selinuxLabel: text.exactOptional(),
  ioPriority: ioPrioritySchema.exactOptional(),
  execCPUAffinity: z.object({ initial: text.exactOptional(), final: text.exactOptional() }).exactOptional(),
});

/**
 * Reads a process document, as given to an exec. Throws `corrupt`.
 *
 * @example
 * const { args, cwd, user } = parseProcessSpec(bytes);
 */
export function parseProcessSpec(input: unknown): ProcessSpec {
  return parseDocument(processSpecSchema, input, { name: "process spec" });
}
