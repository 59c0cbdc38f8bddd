import { z } from "zod";
import type { Descriptor } from "./descriptor.ts";
import { type Digest, isDigest } from "./digest.ts";
import { maxListEntries, maxMapEntries } from "./limits.ts";
import type { Platform } from "./platform.ts";

/** A digest, by {@link isDigest}. */
export const digestSchema = z.custom<Digest>((value) => typeof value === "string" && isDigest(value), "not a digest");

/** Pairs of strings, a bounded number. */
export const stringMapSchema = z
  .record(z.string(), z.string())
  .refine((map) => Object.keys(map).length <= maxMapEntries, `more than ${maxMapEntries} entries`);

/** A bounded list of strings. */
export const stringListSchema = z.array(z.string()).max(maxListEntries);

/** OCI image-spec, image-index.md "platform". */
export const platformSchema: z.ZodType<Platform> = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().exactOptional(),
  "os.version": z.string().exactOptional(),
  "os.features": stringListSchema.exactOptional(),
  features: stringListSchema.exactOptional(),
});

/**
 * OCI image-spec, descriptor.md. Unknown members are dropped.
 *
 * @example
 * const descriptor = descriptorSchema.parse(JSON.parse(text));
 */
export const descriptorSchema: z.ZodType<Descriptor> = z.object({
  mediaType: z.string().min(1),
  digest: digestSchema,
  size: z.int().min(0),
  urls: stringListSchema.exactOptional(),
  annotations: stringMapSchema.exactOptional(),
  data: z.string().exactOptional(),
  artifactType: z.string().exactOptional(),
  platform: platformSchema.exactOptional(),
});
