import type { Perform } from "@galley/plan";
import { type ContainerLaunch, containerPlan } from "./container-plan.ts";
import { type ExecLaunch, execPlan } from "./exec-plan.ts";
import { type Launched, startLaunch } from "./start-launch.ts";

/**
 * Starts a container: resolves when its program is executed and its keeper has taken over.
 *
 * @throws not-found runtime.command-not-found; forbidden runtime.not-executable; else the failed step. Then nothing runs.
 */
export function launchContainer(
  launch: ContainerLaunch,
  perform: Perform,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Launched> {
  return startLaunch(containerPlan(launch), perform, options);
}

/** Starts one more process in a running container; errors as with `launchContainer`. */
export function launchExec(
  launch: ExecLaunch,
  perform: Perform,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Launched> {
  return startLaunch(execPlan(launch), perform, options);
}
