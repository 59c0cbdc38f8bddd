export type { ContentOptions, Exister, Fetcher, FetchOptions, Pusher, Resolver, Tagger } from "./content.ts";
export { type Descriptor, emptyDescriptor } from "./descriptor.ts";
export {
  createDigester,
  type Digest,
  type DigestAlgorithm,
  type Digester,
  digestAlgorithm,
  digestHex,
  digestOf,
  isDigest,
  parseDigest,
} from "./digest.ts";
export type { RegistryErrors, TagList, TokenResponse } from "./distribution.ts";
export {
  type ErrorDetails,
  type ErrorKind,
  type GalleyError,
  type GalleyErrorOptions,
  galleyError,
  isGalleyError,
  wrapError,
} from "./error.ts";
export type { ExecutionConfig, Healthcheck, HistoryEntry, ImageConfig } from "./image-config.ts";
export type { ImageIndex } from "./image-index.ts";
export type { ImageLayout } from "./image-layout.ts";
export type { ImageManifest } from "./image-manifest.ts";
export {
  isIndexType,
  isLayerType,
  isManifestType,
  type LayerCompression,
  layerCompression,
  mediaTypes,
} from "./media-types.ts";
export { decodeName, encodeName, isName, nameBytes } from "./name-bytes.ts";
export { formatPlatform, normalizePlatform, type Platform, parsePlatform, platformOf } from "./platform.ts";
export {
  familiarReference,
  formatReference,
  isRepositoryName,
  isShortName,
  isTagName,
  parseReference,
  type Reference,
  withDefaultTag,
} from "./reference.ts";
export type {
  DeviceSpec,
  IntelRdtSpec,
  LinuxSpec,
  NamespaceSpec,
  NamespaceType,
  PersonalitySpec,
  Propagation,
  TimeOffset,
} from "./runtime-linux.ts";
export type {
  CapabilitiesSpec,
  CapabilitySetName,
  IoPrioritySpec,
  ProcessSpec,
  RlimitSpec,
  SchedulerSpec,
  UserSpec,
} from "./runtime-process.ts";
export type {
  BlockIoSpec,
  CpuSpec,
  DeviceRule,
  HugepageLimit,
  MemorySpec,
  NetworkClassSpec,
  RdmaLimit,
  ResourcesSpec,
  ThrottleDevice,
  WeightDevice,
} from "./runtime-resources.ts";
export type {
  SeccompAction,
  SeccompCondition,
  SeccompOperator,
  SeccompRule,
  SeccompSpec,
} from "./runtime-seccomp.ts";
export type { HookName, HookSpec, HooksSpec, IdMapping, MountSpec, RootSpec, RuntimeSpec } from "./runtime-spec.ts";
