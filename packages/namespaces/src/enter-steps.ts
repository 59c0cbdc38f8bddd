import { type Slot, type Step, stepper } from "@galley/plan";
import { galleyError } from "@galley/spec";
import type { NamespaceName } from "./plan-namespaces.ts";

const step = stepper("namespaces");

/**
 * Joins namespaces of a running process, all in one call (setns(2) with a pidfd: either all are joined or none).
 * Joining a pid namespace counts for later children only, so the caller clones its program's lane afterwards. Name only
 * namespaces that differ from one's own: the kernel refuses to join one's own user namespace.
 *
 * @throws `invalid` when no namespace is named.
 *
 * @example
 * const container = slot("container");
 * [step("openProcess", { pid, startTicks, out: container }, "hold the container"), ...enterSteps(container, ["mount", "pid", "network"])];
 */
export function enterSteps(process: Slot, namespaces: readonly NamespaceName[]): readonly Step[] {
  if (namespaces.length === 0) throw galleyError("invalid", "namespaces.none", "no namespace to enter");
  const unique = [...new Set(namespaces)];
  return [
    step("setns", { target: process, namespaces: unique }, `join the container's ${unique.join(", ")} namespaces`),
  ];
}
