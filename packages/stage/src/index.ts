export type { FailedStep } from "./failure.ts";
export { createPerform, type PerformerOptions, perform } from "./perform.ts";
export { type ReadWalkOptions, readWalk, type TreeEntry } from "./read-walk.ts";
export { stagePath } from "./stage-path.ts";
export { walkPath } from "./walk-path.ts";
export type { TreeEntryType, TreeStatus } from "./walk-records.ts";
export { type WalkTreeOptions, walkTree } from "./walk-tree.ts";
