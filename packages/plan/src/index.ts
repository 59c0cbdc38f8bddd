export { check, type Finding } from "./check.ts";
export { encode, encodeStream, endOfStream, type Encoded, type MarkEnds, type Numbering } from "./encode.ts";
export { errnoName, errnos, type Errno } from "./errnos.ts";
export { explain, explainData, type ExplainedLane, type ExplainedStep, type ExplainOptions } from "./explain.ts";
export { lanesOf } from "./lanes-of.ts";
export { flagBits, flagSets, type FlagName, type FlagSetName } from "./flags.ts";
export { operations, type ArgumentKind, type Operation, type OperationName } from "./operations.ts";
export type { Perform, PerformOptions, Performance } from "./perform.ts";
export {
  lane,
  mark,
  slot,
  stepper,
  type Arguments,
  type Handover,
  type Lane,
  type Mark,
  type Plan,
  type Provenance,
  type Slot,
  type Step,
  type StepOf,
  type Stepper,
} from "./step.ts";
