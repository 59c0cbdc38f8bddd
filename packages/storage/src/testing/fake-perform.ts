import { rmSync } from "node:fs";
import type { Perform, Performance, Plan, Step } from "@galley/plan";
import { galleyError } from "@galley/spec";

/** What a recorder saw. */
export interface Recorded {
  readonly perform: Perform;
  readonly plans: Plan[];
  /** Steps that were streamed. */
  readonly sent: Step[];
}

/** How a recorder behaves. */
export interface RecorderOptions {
  /** Called with every batch; what it throws ends the performance. */
  readonly onSend?: (steps: readonly Step[]) => Promise<void> | void;
}

/** A `Perform` that records, and carries out removals alone: enough for stores whose trees are empty directories. */
export function recorder({ onSend }: RecorderOptions = {}): Recorded {
  const plans: Plan[] = [];
  const sent: Step[] = [];
  const perform: Perform = (plan, options) => {
    plans.push(plan);
    let finish: () => void = () => {};
    let fail: (cause: unknown) => void = () => {};
    const ended = new Promise<void>((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
    ended.catch(() => {});
    options?.signal?.addEventListener("abort", () =>
      fail(galleyError("cancelled", "stage.cancelled", `${plan.title}: cancelled`)),
    );
    if (!plan.lane.steps.some(({ op }) => op === "receive")) {
      for (const step of plan.lane.steps) removeFor(plan, step);
      finish();
    }
    return {
      ended,
      end: finish,
      async send(steps: readonly Step[]) {
        sent.push(...steps);
        try {
          await onSend?.(steps);
        } catch (error) {
          fail(error);
        }
        await Promise.race([ended, Promise.resolve()]);
      },
    } as unknown as Performance;
  };
  return { perform, plans, sent };
}

function removeFor(plan: Plan, step: Step): void {
  const [first] = plan.lane.steps;
  if (step.op === "removeTree" && first?.op === "open")
    rmSync(`${first.args.path}/${step.args.path}`, { recursive: true, force: true });
}
