export { type Bundle, bundleLaunch } from "./bundle-launch.ts";
export { commandCandidates } from "./command-candidates.ts";
export { type ContainerLaunch, containerPlan, oomRecord } from "./container-plan.ts";
export { type CreatedContainer, type CreateOptions, createContainer } from "./create-container.ts";
export { type ExecLaunch, execPlan } from "./exec-plan.ts";
export type { KeeperLaunch } from "./keeper-steps.ts";
export { launchContainer, launchExec } from "./launch-container.ts";
export { type Launched, type LaunchOptions, type LaunchPlan, startLaunch } from "./start-launch.ts";
