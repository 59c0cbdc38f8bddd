import { z } from "zod";
import { digestSchema, stringListSchema, stringMapSchema } from "./descriptor-schema.ts";
import { maxLayers, maxListEntries, maxMapEntries } from "./limits.ts";
import { parseDocument } from "./parse-document.ts";

/** A Go set: keys with empty objects. */
const setSchema = z
  .record(z.string(), z.unknown())
  .refine((map) => Object.keys(map).length <= maxMapEntries, `more than ${maxMapEntries} entries`)
  .transform((map): Record<string, Record<string, never>> => {
    return Object.fromEntries(Object.keys(map).map((key) => [key, {}]));
  });

/** Early Docker wrote a command line as one string. */
const commandSchema = z.union([z.string().transform((text) => [text]), z.array(z.string()).max(maxListEntries)]);

/** Docker's health check; times in nanoseconds, 0 meaning "the default". */
export const healthcheckSchema = z.object({
  /** `[]` inherit, `["NONE"]`, `["CMD", ...]` or `["CMD-SHELL", line]`. */
  Test: stringListSchema.exactOptional(),
  Interval: z.int().exactOptional(),
  Timeout: z.int().exactOptional(),
  StartPeriod: z.int().exactOptional(),
  StartInterval: z.int().exactOptional(),
  Retries: z.int().exactOptional(),
});

/** How to run the image: OCI image-spec, config.md "config", and what Docker adds. */
export const executionConfigSchema = z.object({
  User: z.string().exactOptional(),
  ExposedPorts: setSchema.exactOptional(),
  Env: stringListSchema.exactOptional(),
  Entrypoint: commandSchema.exactOptional(),
  Cmd: commandSchema.exactOptional(),
  Volumes: setSchema.exactOptional(),
  WorkingDir: z.string().exactOptional(),
  Labels: stringMapSchema.exactOptional(),
  StopSignal: z.string().exactOptional(),
  ArgsEscaped: z.boolean().exactOptional(),
  Healthcheck: healthcheckSchema.exactOptional(),
  OnBuild: stringListSchema.exactOptional(),
  Shell: stringListSchema.exactOptional(),
  /** In seconds. */
  StopTimeout: z.int().exactOptional(),
  Hostname: z.string().exactOptional(),
  Domainname: z.string().exactOptional(),
  AttachStdin: z.boolean().exactOptional(),
  AttachStdout: z.boolean().exactOptional(),
  AttachStderr: z.boolean().exactOptional(),
  Tty: z.boolean().exactOptional(),
  OpenStdin: z.boolean().exactOptional(),
  StdinOnce: z.boolean().exactOptional(),
  Image: z.string().exactOptional(),
  MacAddress: z.string().exactOptional(),
  NetworkDisabled: z.boolean().exactOptional(),
});

/** One line of an image's history, oldest first. */
export const historyEntrySchema = z.object({
  created: z.string().exactOptional(),
  created_by: z.string().exactOptional(),
  author: z.string().exactOptional(),
  comment: z.string().exactOptional(),
  /** Whether the entry has no layer. */
  empty_layer: z.boolean().exactOptional(),
});

/** OCI image-spec, config.md. Everything in it is the image maker's word: check before use. */
export const imageConfigSchema = z.object({
  /** RFC 3339. */
  created: z.string().exactOptional(),
  author: z.string().exactOptional(),
  architecture: z.string(),
  os: z.string(),
  "os.version": z.string().exactOptional(),
  "os.features": stringListSchema.exactOptional(),
  variant: z.string().exactOptional(),
  config: executionConfigSchema.exactOptional(),
  rootfs: z.object({
    type: z.literal("layers"),
    /** Digests of the uncompressed layers, lowest first. */
    diff_ids: z.array(digestSchema).max(maxLayers).default([]),
  }),
  history: z
    .array(historyEntrySchema)
    .max(2 * maxLayers)
    .exactOptional(),
  /** Docker's own members, kept for tools that show them. */
  id: z.string().exactOptional(),
  parent: z.string().exactOptional(),
  container: z.string().exactOptional(),
  container_config: executionConfigSchema.exactOptional(),
  docker_version: z.string().exactOptional(),
});

export type ImageConfig = z.infer<typeof imageConfigSchema>;
export type ExecutionConfig = z.infer<typeof executionConfigSchema>;
export type Healthcheck = z.infer<typeof healthcheckSchema>;
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

/**
 * Reads an image config. Throws `corrupt`.
 *
 * @example
 * const { config, rootfs } = parseImageConfig(bytes);
 */
export function parseImageConfig(input: unknown): ImageConfig {
  return parseDocument(imageConfigSchema, input, { name: "image config" });
}
