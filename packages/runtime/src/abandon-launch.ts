import { lane, type Perform, type Step, slot, stepper } from "@galley/plan";
import { isGalleyError } from "@galley/spec";
import type { LaunchPlan } from "./start-launch.ts";

const step = stepper("runtime");
const kill = 9;

/**
 * Ends what a failed launch may have left: a process that was executed and whose keeper never came, and empty control groups.
 * What cannot be removed now stays: a later launch in the same place uses it again.
 */
export async function abandonLaunch(
  launch: LaunchPlan,
  pid: Promise<number>,
  perform: Perform,
  cause: unknown,
): Promise<void> {
  const orphan = mayBeOrphaned(cause, launch) ? await pid.catch(() => undefined) : undefined;
  const steps = [...(orphan === undefined ? [] : killSteps(orphan)), ...launch.groups.map(removeStep)];
  if (steps.length === 0) return;
  await perform({ title: `clean up after: ${launch.plan.title}`, lane: lane("host", steps) }).ended.catch(() => {});
}

/** All other failures come before the process survives its parent. */
function mayBeOrphaned(cause: unknown, { plan }: LaunchPlan): boolean {
  return (
    isGalleyError(cause) &&
    (cause.kind === "cancelled" || (cause.code === "stage.step-failed" && cause.details["lane"] === plan.lane.lane))
  );
}

function killSteps(pid: number): Step[] {
  const process = slot("process");
  return [
    step("openProcess", { pid, startTicks: 0, out: process }, "hold the process that nobody keeps", { ok: ["ESRCH"] }),
    step("signal", { process, signal: kill }, "kill it", { ok: ["ESRCH"] }),
  ];
}

function removeStep(path: string): Step {
  return step("unlink", { path, flags: ["directory"] }, `remove control group ${path}`, {
    ok: ["ENOENT", "EBUSY", "ENOTEMPTY"],
  });
}
