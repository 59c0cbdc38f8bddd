import { galleyError } from "@galley/spec";
import { z } from "zod";
import { parseExactJson } from "./exact-json.ts";
import { limits } from "./limits.ts";
import type { SeccompProfile } from "./profile.ts";

export { parseExactJson };

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
const name = z.string().min(1).max(128);
const names = z.array(name).max(limits.names);
const errnoRet = z.int().min(0).max(0xffff).exactOptional();
const word64 = z.union([
  z.int().min(0),
  z
    .bigint()
    .min(0n)
    .max((1n << 64n) - 1n),
]);

const condition = z.object({
  index: z.int().min(0).max(5),
  value: word64,
  valueTwo: word64.exactOptional(),
  op: operator,
});

const circumstances = z.object({
  caps: names.exactOptional(),
  arches: names.exactOptional(),
  minKernel: z
    .string()
    .regex(/^\d{1,5}\.\d{1,5}(\D|$)/, "must look like 4.8")
    .exactOptional(),
});

/** `name` is the form of profiles before 2017; inside there is only `names`. */
const rule = z
  .object({
    names: names.exactOptional(),
    name: z.string().max(128).exactOptional(),
    action,
    errnoRet,
    args: z.array(condition).max(limits.conditions).exactOptional(),
    comment: z.string().exactOptional(),
    includes: circumstances.exactOptional(),
    excludes: circumstances.exactOptional(),
  })
  .refine((entry) => !(entry.name && entry.names?.length), "has both name and names")
  .transform(({ name: single, names: several, ...entry }) => ({
    ...entry,
    names: single ? [single] : (several ?? []),
  }));

const architectureEntry = z.object({ architecture: name, subArchitectures: names.exactOptional() });

/** The JSON of a profile as Docker and Podman read it, without nulls. Unknown fields are dropped. */
const profileSchema = z
  .object({
    defaultAction: action,
    defaultErrnoRet: errnoRet,
    archMap: z.array(architectureEntry).max(limits.names).exactOptional(),
    architectures: names.exactOptional(),
    flags: names.exactOptional(),
    listenerPath: z.string().exactOptional(),
    listenerMetadata: z.string().exactOptional(),
    syscalls: z.array(rule).max(limits.rules).default([]),
  })
  .refine((entry) => !(entry.archMap?.length && entry.architectures?.length), "has both architectures and archMap");

/** Go programs write `null` for what is absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([name, field]) => [name, withoutNulls(field)]));
}

function read(text: string): unknown {
  if (text.length > limits.profileBytes) {
    throw galleyError("invalid", "seccomp.profile", `seccomp profile is longer than ${limits.profileBytes} bytes`);
  }
  try {
    return withoutNulls(parseExactJson(text));
  } catch (cause) {
    throw galleyError("invalid", "seccomp.profile", "seccomp profile is not JSON", { cause });
  }
}

/**
 * Reads a profile that a user wrote. Throws `invalid` and names the first field that is wrong.
 *
 * @example
 * const profile = parseProfile(await readFile("seccomp.json", "utf8"));
 */
export function parseProfile(text: string): SeccompProfile {
  const result = profileSchema.safeParse(read(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") || "it";
  throw galleyError("invalid", "seccomp.profile", `seccomp profile: ${path}: ${issue?.message}`, { details: { path } });
}
