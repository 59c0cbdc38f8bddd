export { htpasswdAccess } from "./htpasswd-access.ts";
export { createMemoryStore } from "./memory-store.ts";
export {
  type AccessRequest,
  createRegistryHandler,
  type RegistryHandler,
  type RegistryOptions,
  type Verdict,
} from "./registry-handler.ts";
export type { Action } from "./routes.ts";
export { type RegistryServer, type ServeRegistryOptions, serveRegistry } from "./serve-registry.ts";
export type {
  BlobReader,
  BlobWriter,
  ByteRange,
  ManifestReader,
  ManifestWriter,
  ReadableStore,
  RegistryStore,
  StagedBlob,
  StoredBlob,
  StoredManifest,
  TagReader,
  TagWriter,
} from "./store.ts";
