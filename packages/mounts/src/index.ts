export type { CgroupHierarchyView, CgroupView } from "./cgroup-mount.ts";
export { defaultDevices } from "./default-devices.ts";
export { normalizePath } from "./destination.ts";
export { devLinkSteps } from "./dev-link-steps.ts";
export { type DevPlace, deviceSteps } from "./device-steps.ts";
export { limits } from "./limits.ts";
export { type MaskOptions, maskSteps } from "./mask-steps.ts";
export { type MountOptions, parseMountOptions } from "./mount-options.ts";
export { type MountSteps, type MountStepsOptions, mountSteps } from "./mount-steps.ts";
export { knownOptions } from "./option-table.ts";
export { replaceableProcFiles } from "./proc-guard.ts";
export { readOnlyPathSteps } from "./read-only-path-steps.ts";
export {
  type HostPropagation,
  hostPropagation,
  type RootOptions,
  type RootSteps,
  readOnlyRootSteps,
  rootSteps,
} from "./root-steps.ts";
export { type Terminal, type TerminalOptions, terminalSteps } from "./terminal-steps.ts";
