export { cleanupContainer } from "./containers/cleanup-container.ts";
export { containerExists } from "./containers/container-exists.ts";
export type { ContainerExit, ContainerRecord, ContainerStart } from "./containers/container-record.ts";
export type { ContainerState, ContainerStatus } from "./containers/container-state.ts";
export { createContainer } from "./containers/create-container.ts";
export { type ExecOptions, execInContainer, type StartedExec } from "./containers/exec-container.ts";
export { type ExplainedRun, explainRun } from "./containers/explain-run.ts";
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
export { type Engine, type EnginePlaces, type EnginePorts, openEngine } from "./engine.ts";
export type { ProcessIdentity } from "./host.ts";
export { findImage, imageExists } from "./images/find-image.ts";
export type { Accounts, ImageLayer, ImageRecord } from "./images/image-record.ts";
export { type InspectedImage, inspectImage } from "./images/inspect-image.ts";
export { type ImageSummary, listImages } from "./images/list-images.ts";
export { type PullOptions, type PullPolicy, pullImage } from "./images/pull-image.ts";
export type { RegistryAccess } from "./images/registry-access.ts";
export { type RemovedImage, removeImage } from "./images/remove-image.ts";
export { type ImageSource, type PullProgress, type StoreImageOptions, storeImage } from "./images/store-image.ts";
export { tagImage } from "./images/tag-image.ts";
export { type EngineInfo, engineInfo } from "./system/engine-info.ts";
export { engineVersion } from "./system/engine-version.ts";
