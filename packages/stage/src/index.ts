export type { FailedStep } from "./failure.ts";
export { createPerform, perform, type PerformerOptions } from "./perform.ts";
export { stagePath } from "./stage-path.ts";
