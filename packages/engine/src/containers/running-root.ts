import type { PidRecord } from "@galley/keeper";
import { type Slot, type Step, slot, stepper } from "@galley/plan";

const step = stepper("engine");

/**
 * Steps that hold the root of a running container as it is now. Its first process is held by a pidfd; its mount namespace is
 * joined, and everything is then read beneath the root, where links cannot lead out.
 */
export function bindRootSteps({ child, childStart }: PidRecord, out: Slot): Step[] {
  const process = slot("container");
  return [
    step("openProcess", { pid: child, startTicks: childStart, out: process }, "hold process 1 of the container"),
    step("setns", { target: process, namespaces: ["mount"] }, "join its mount namespace"),
    step("open", { path: "/", flags: ["pathOnly", "directory"], out }, "open its root"),
  ];
}
