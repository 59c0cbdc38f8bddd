import { accountedControllers, type GroupDirectory, groupDirectories } from "@galley/cgroups";
import { cgroupLayout } from "../host.ts";

/** A container's control group, from the root of each hierarchy. It lies at the top, so that nothing but itself is left to remove. */
export function cgroupPath(containerId: string): string {
  return `/galley-${containerId}`;
}

/** The directories of a container's control group, there or not. */
export function containerCgroups(containerId: string): readonly GroupDirectory[] {
  return groupDirectories(cgroupLayout(), cgroupPath(containerId), accountedControllers);
}
