export { descriptorSchema, digestSchema, platformSchema } from "./descriptor-schema.ts";
export {
  parseRegistryErrors,
  parseTagList,
  parseTokenResponse,
  type RegistryErrors,
  registryErrorsSchema,
  type TagList,
  type TokenResponse,
  tagListSchema,
  tokenResponseSchema,
} from "./distribution.ts";
export {
  type ExecutionConfig,
  executionConfigSchema,
  type Healthcheck,
  type HistoryEntry,
  healthcheckSchema,
  historyEntrySchema,
  type ImageConfig,
  imageConfigSchema,
  parseImageConfig,
} from "./image-config.ts";
export { type ImageIndex, imageIndexSchema, parseImageIndex } from "./image-index.ts";
export { type ImageLayout, imageLayoutSchema, parseImageLayout } from "./image-layout.ts";
export { type ImageManifest, imageManifestSchema, parseImageManifest } from "./image-manifest.ts";
export { linuxSpecSchema } from "./runtime-linux-schema.ts";
export { parseProcessSpec, processSpecSchema } from "./runtime-process-schema.ts";
export { resourcesSpecSchema } from "./runtime-resources-schema.ts";
export { seccompSpecSchema } from "./runtime-seccomp-schema.ts";
export { parseRuntimeSpec, runtimeSpecSchema } from "./runtime-spec-schema.ts";
