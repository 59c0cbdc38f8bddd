export { checkStorage, type Problem } from "./check/check-storage.ts";
export { strayPaths } from "./check/stray-paths.ts";
export type { OnBytes } from "./content/ingest.ts";
export { type Content, openContent, type ReceiveOptions, type StoredBlob } from "./content/open-content.ts";
export { collectGarbage, type Live, type Swept } from "./garbage/collect-garbage.ts";
export { type Lease, type Leases, openLeases } from "./garbage/open-leases.ts";
export type { Sweeper } from "./garbage/sweeper.ts";
export { underLease } from "./garbage/under-lease.ts";
export { type AppliedLayer, type ApplyLayerOptions, applyLayer } from "./layers/apply-layer.ts";
export { layerSystemCalls } from "./layers/layer-jail.ts";
export type { LayerSpool, SpooledFile } from "./layers/layer-spool.ts";
export {
  type CommitOptions,
  type LayerRecord,
  type LayerStaging,
  type Layers,
  openLayers,
} from "./layers/open-layers.ts";
export { maxRootLayers } from "./limits.ts";
export { type KernelVersion, type RootMount, type RootMountOptions, rootMount } from "./mounts/root-mount.ts";
export { rootMountSteps } from "./mounts/root-mount-steps.ts";
export { openStorage, type Storage } from "./open-storage.ts";
export { checkRecords, type RecordsProblem } from "./records/check-records.ts";
export { type Collection, type Entry, openRecords, type PutOptions, type Records } from "./records/open-records.ts";
export { type RepairedRecords, repairRecords } from "./records/repair-records.ts";
export { type ContainerTree, type ContainerTrees, openContainerTrees } from "./trees/open-container-trees.ts";
export { removeTrees } from "./trees/remove-trees.ts";
