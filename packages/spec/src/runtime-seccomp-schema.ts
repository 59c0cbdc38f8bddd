import { z } from "zod";
import { list, text, textList, uint32, uint64 } from "./runtime-fields.ts";
import type { SeccompSpec } from "./runtime-seccomp.ts";

const action = z.enum([
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_LOG",
  "SCMP_ACT_NOTIFY",
]);

const operator = z.enum([
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
]);

const condition = z.object({
  index: z.int().min(0).max(5),
  value: uint64,
  valueTwo: uint64.exactOptional(),
  op: operator,
});

const rule = z.object({
  names: textList.min(1),
  action,
  errnoRet: uint32.exactOptional(),
  args: list(condition).exactOptional(),
});

/** `linux.seccomp` of a runtime document. */
export const seccompSpecSchema: z.ZodType<SeccompSpec> = z.object({
  defaultAction: action,
  defaultErrnoRet: uint32.exactOptional(),
  architectures: textList.exactOptional(),
  flags: textList.exactOptional(),
  listenerPath: text.exactOptional(),
  listenerMetadata: text.exactOptional(),
  syscalls: list(rule).exactOptional(),
});
