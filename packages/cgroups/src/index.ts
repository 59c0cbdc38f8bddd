export {
  accountedControllers,
  type CgroupPlan,
  type CgroupPlanOptions,
  cgroupPlan,
  enterCgroup,
} from "./cgroup-plan.ts";
export { type CgroupView, cgroupView } from "./cgroup-view.ts";
export { cpuWeight } from "./cpu-writes.ts";
export { compileDeviceFilter } from "./device-filter.ts";
export { type CheckedRule, type DevicePolicy, defaultDeviceRules, devicePolicy } from "./device-rules.ts";
export { deviceWritesV1 } from "./device-writes.ts";
export {
  type FileWrite,
  type FreezeState,
  freezeState,
  freezeWrite,
  joinWrites,
  killWrite,
  parseFrozen,
  parsePids,
  parsePopulated,
  procsFile,
} from "./group-control.ts";
export { type GroupDirectory, groupDirectories, normalizeGroup } from "./group-paths.ts";
export { ioWeight } from "./io-writes.ts";
export {
  type CgroupLayout,
  type CgroupTexts,
  detectCgroups,
  type LegacyHierarchy,
  type UnifiedHierarchy,
} from "./layout.ts";
export { limits } from "./limits.ts";
export { type OomFile, parseOomKills } from "./oom-file.ts";
export type { ResourceWrite } from "./resource-write.ts";
export { type ResourceOptions, resourceWrites } from "./resource-writes.ts";
export { type CgroupStats, parseStats, statFiles } from "./stats.ts";
