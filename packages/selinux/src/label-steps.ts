import { type Step, stepper } from "@galley/plan";
import type { ContainerLabels } from "./container-labels.ts";

const step = stepper("selinux");

/**
 * The steps that label a process: its key rings from now on, and itself from its next exec on. They come after the last
 * change of namespaces and before the key ring is made; exec ends the first (proc_pid_attr(5)). No labels, no steps.
 *
 * @example
 * const steps = labelSteps(containerLabels({ enabled: false, random, isTaken })); // []
 */
export function labelSteps({ process, key }: ContainerLabels): readonly Step[] {
  return [
    ...(key ? [step("label", { attribute: ["key"], label: key }, `label new key rings ${key}`)] : []),
    ...(process ? [step("label", { attribute: ["exec"], label: process }, `run as ${process}`)] : []),
  ];
}
