export { enterSteps } from "./enter-steps.ts";
export { hostNameSteps } from "./host-name.ts";
export { checkIdMap, encodeIdMap, hostId } from "./id-map.ts";
export { limits } from "./limits.ts";
export { loopbackSteps, loopbackUpMessage } from "./loopback.ts";
export { isSeparate, type NamespaceName, type NamespacePlan, planNamespaces } from "./plan-namespaces.ts";
export { type SysctlOptions, sysctlSteps } from "./sysctl.ts";
export { encodeTimeOffsets } from "./time-offsets.ts";
