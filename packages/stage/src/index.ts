export type { FailedStep } from "./failure.ts";
export { createPerform, type PerformerOptions, perform } from "./perform.ts";
export { stagePath } from "./stage-path.ts";
