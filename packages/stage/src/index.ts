export type { FailedStep } from "./failure.ts";
export { createPerform, type PerformerOptions, perform } from "./perform.ts";
export { stagePath } from "./stage-path.ts";
export { walkPath } from "./walk-path.ts";
export type { TreeEntryType, TreeStatus } from "./walk-records.ts";
export { type TreeEntry, type WalkTreeOptions, walkTree } from "./walk-tree.ts";
