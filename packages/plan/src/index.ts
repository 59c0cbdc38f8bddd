export { check, type Finding } from "./check.ts";
export { type Encoded, encode, encodeStream, endOfStream, type MarkEnds, type Numbering } from "./encode.ts";
export { type Errno, errnoName, errnos } from "./errnos.ts";
export { type ExplainedLane, type ExplainedStep, type ExplainOptions, explain, explainData } from "./explain.ts";
export { type FlagName, type FlagSetName, flagBits, flagSets } from "./flags.ts";
export { lanesOf } from "./lanes-of.ts";
export { type ArgumentKind, type Operation, type OperationName, operations } from "./operations.ts";
export type { Perform, Performance, PerformOptions } from "./perform.ts";
export {
  type Arguments,
  type Handover,
  type Lane,
  lane,
  type Mark,
  mark,
  type Plan,
  type Provenance,
  type Slot,
  type Step,
  type StepOf,
  type Stepper,
  slot,
  stepper,
} from "./step.ts";
