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
