export { type AddArtifactOptions, addArtifact } from "./artifacts/add-artifact.ts";
export { type ExtractArtifactOptions, extractArtifact } from "./artifacts/extract-artifact.ts";
export { type InspectedArtifact, inspectArtifact } from "./artifacts/inspect-artifact.ts";
export { type ArtifactSummary, listArtifacts } from "./artifacts/list-artifacts.ts";
export { type PullArtifactOptions, pullArtifact } from "./artifacts/pull-artifact.ts";
export { pushArtifact } from "./artifacts/push-artifact.ts";
export { removeArtifact } from "./artifacts/remove-artifact.ts";
export { cleanupContainer } from "./containers/cleanup-container.ts";
export { type CommitOptions, commitContainer } from "./containers/commit-container.ts";
export { containerExists } from "./containers/container-exists.ts";
export type { ContainerExit, ContainerRecord, ContainerStart } from "./containers/container-record.ts";
export type { ContainerState, ContainerStatus } from "./containers/container-state.ts";
export { createContainer } from "./containers/create-container.ts";
export { diffContainer } from "./containers/diff-container.ts";
export { type ExecOptions, execInContainer, type StartedExec } from "./containers/exec-container.ts";
export { type ExplainedRun, explainRun } from "./containers/explain-run.ts";
export { exportContainer } from "./containers/export-container.ts";
export { findContainer } from "./containers/find-container.ts";
export { type InspectedContainer, inspectContainer } from "./containers/inspect-container.ts";
export { type ContainerSummary, listContainers } from "./containers/list-containers.ts";
export type {
  BindMount,
  CreateContainerOptions,
  FileOptions,
  LifeOptions,
  ProcessOptions,
  ResourceOptions,
  SeccompChoice,
  SecurityOptions,
  TmpfsMount,
  Ulimit,
} from "./containers/options.ts";
export { type PruneContainersOptions, type PrunedContainers, pruneContainers } from "./containers/prune-containers.ts";
export { type LogOptions, readContainerLogs } from "./containers/read-container-logs.ts";
export { reclaimContainers } from "./containers/reclaim-containers.ts";
export { type RemoveOptions, removeContainer } from "./containers/remove-container.ts";
export { killContainer } from "./containers/signal-container.ts";
export {
  runContainer,
  type StartedContainer,
  type StartOptions,
  startContainer,
} from "./containers/start-container.ts";
export { type StopOptions, stopContainer } from "./containers/stop-container.ts";
export { waitContainer } from "./containers/wait-container.ts";
export {
  type Engine,
  type EnginePlaces,
  type EnginePorts,
  type EngineSettings,
  openEngine,
  type WalkPort,
} from "./engine.ts";
export type { ProcessIdentity } from "./host.ts";
export { diffImage } from "./images/diff-image.ts";
export { findImage, imageExists } from "./images/find-image.ts";
export { type ImageFilters, imageFilter, isDangling, type LabelFilter } from "./images/image-filters.ts";
export { type ImageHistoryEntry, imageHistory } from "./images/image-history.ts";
export { type Accounts, type ImageLayer, type ImageRecord, imageBytes } from "./images/image-record.ts";
export { type ImageTree, type ImageTreeLayer, imageTree } from "./images/image-tree.ts";
export { type ImportOptions, importImage } from "./images/import-image.ts";
export { type InspectedImage, inspectImage } from "./images/inspect-image.ts";
export { type ImageSummary, listImages } from "./images/list-images.ts";
export { listRemoteTags } from "./images/list-remote-tags.ts";
export { type LoadedImage, type LoadOptions, loadImages } from "./images/load-images.ts";
export type { ImageForm } from "./images/places/formed-image.ts";
export { type ImagePlace, parseImagePlace } from "./images/places/image-place.ts";
export type { ArchiveTarget } from "./images/places/write-archive-to.ts";
export { type PrunedImages, type PruneImagesOptions, pruneImages } from "./images/prune-images.ts";
export { type PullAttempt, type PullOptions, type PullPolicy, pullImage } from "./images/pull-image.ts";
export { type PushOptions, pushImage } from "./images/push-image.ts";
export type { RegistryAccess } from "./images/registry-access.ts";
export { type RemovedImage, removeImage } from "./images/remove-image.ts";
export { type NameResolution, type ResolveNameOptions, resolveName } from "./images/resolve-name.ts";
export { type SaveOptions, saveImages } from "./images/save-images.ts";
export { type FoundRepository, type SearchImagesOptions, searchImages } from "./images/search-images.ts";
export { type ImageSource, type PullProgress, type StoreImageOptions, storeImage } from "./images/store-image.ts";
export { tagImage } from "./images/tag-image.ts";
export type { TransferProgress } from "./images/transfer-progress.ts";
export { untagImage } from "./images/untag-image.ts";
export { type AddManifestsOptions, addManifests, type MemberWords } from "./manifests/add-manifests.ts";
export {
  annotateManifest,
  annotateManifestList,
  type ListWords,
  removeManifest,
} from "./manifests/annotate-manifest.ts";
export { type CreateManifestListOptions, createManifestList } from "./manifests/create-manifest-list.ts";
export { manifestListExists } from "./manifests/find-manifest-list.ts";
export { inspectManifest } from "./manifests/inspect-manifest.ts";
export { type PushManifestListOptions, pushManifestList } from "./manifests/push-manifest-list.ts";
export { removeManifestList } from "./manifests/remove-manifest-list.ts";
export {
  listMountedContainers,
  type MountedContainer,
  mountContainer,
  unmountContainer,
} from "./mounts/mount-container.ts";
export { listMountedImages, type MountedImage, mountImage, unmountImage } from "./mounts/mount-image.ts";
export { findLogin } from "./registries/find-login.ts";
export { checkLogin, type LoginCredentials, logIn } from "./registries/log-in.ts";
export { logOut, logOutOfAll } from "./registries/log-out.ts";
export { type LoginPlace, type LoginTarget, loginTarget } from "./registries/login-place.ts";
export { type ServeImagesOptions, serveImages } from "./registries/serve-images.ts";
export { type CheckSystemOptions, checkSystem } from "./system/check-system.ts";
export {
  type ContainerUsage,
  type DiskUsage,
  diskUsage,
  type ImageUsage,
  type KindUsage,
} from "./system/disk-usage.ts";
export { type EngineInfo, engineInfo } from "./system/engine-info.ts";
export { engineVersion } from "./system/engine-version.ts";
export type { SystemProblem } from "./system/system-problem.ts";
export type { PathDifference } from "./trees/path-difference.ts";
