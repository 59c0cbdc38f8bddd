import { type Lane, type Mark, mark, type Slot, type Step, slot, stepper } from "@galley/plan";
import { type KeeperLaunch, keeperSteps } from "./keeper-steps.ts";
import type { Streams } from "./streams.ts";

const step = stepper("runtime");

/** What surrounds the birth of a process in the host lane. */
export interface HostLane {
  /** Told once the host lane survives the caller. */
  readonly committed: Mark;
  /** From the first step to becoming the keeper. */
  steps(parts: HostLaneParts): Step[];
}

/** What is particular to one launch. */
export interface HostLaneParts {
  /** Steps before the clone: control groups, joining. */
  readonly before: readonly Step[];
  readonly processLane: Lane;
  readonly clone: (pidfd: Slot) => Step;
  /** Told by TypeScript when the process may go on; left out, it goes on at once. */
  readonly start?: Mark;
}

/**
 * The host lane of every launch: it opens what the keeper will hold, clones the lane of the process, survives the caller from
 * then on, or from the word to start, and becomes the keeper once the process is executed. A caller killed before leaves nothing; after, a whole container.
 */
export function hostLane(launch: KeeperLaunch, streams: Streams, nothing: Slot): HostLane {
  const pidfd = slot("process");
  const committed = mark("committed");
  const keeper = keeperSteps(launch, streams.keeperEnds, pidfd, nothing);
  return {
    committed,
    steps: ({ before, processLane, clone, start }) => [
      step("session", {}, "leave the caller's session"),
      step("open", { path: "/dev/null", flags: ["read", "write"], out: nothing }, "open /dev/null"),
      ...keeper.before,
      ...streams.hostSteps,
      ...before,
      clone(pidfd),
      ...streams.afterClone,
      ...(start ? [step("await", { mark: start }, "wait for the word to start")] : []),
      step("outlive", {}, "outlive the caller"),
      step("tell", { mark: committed }, "let the process outlive the caller, too"),
      step("executed", { lane: processLane }, "wait until the process is executed"),
      keeper.become,
    ],
  };
}
