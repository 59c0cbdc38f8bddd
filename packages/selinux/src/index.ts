export { type CategorySource, canonicalLevel, pickLevel } from "./categories.ts";
export { type ContainerLabels, containerLabels, type LabelRequest } from "./container-labels.ts";
export { formatContext, parseContext, type SelinuxContext } from "./context.ts";
export { isSelinuxEnabled, type SelinuxEvidence } from "./is-selinux-enabled.ts";
export { type LabelOptions, parseLabelOptions } from "./label-options.ts";
export { labelSteps } from "./label-steps.ts";
export { type PolicyContexts, parsePolicyContexts, usualContexts } from "./policy-contexts.ts";
export { type Relabelling, refuseSystemDirectory, relabelSteps } from "./relabel-steps.ts";
