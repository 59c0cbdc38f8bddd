import { rmSync } from "node:fs";
import type { Perform, Performance, Plan } from "@galley/plan";

/** A `Perform` that records plans. */
export interface Recorder {
  readonly perform: Perform;
  readonly plans: Plan[];
}

/** Carries out removals alone, which is enough for trees of empty directories; `fail` makes a plan fail. */
export function recorder(fail: (plan: Plan) => Error | undefined = () => undefined): Recorder {
  const plans: Plan[] = [];
  const perform: Perform = (plan) => {
    plans.push(plan);
    const failure = fail(plan);
    if (!failure) remove(plan);
    const ended = failure ? Promise.reject(failure) : Promise.resolve();
    ended.catch(() => {});
    return { ended, content: () => undefined, streams: new Map(), hostPid: 0, end: () => {} } as unknown as Performance;
  };
  return { perform, plans };
}

/** Carries out the removals of a plan. */
export function remove({ lane: { steps } }: Plan): void {
  const [first] = steps;
  for (const step of steps) {
    if (step.op === "removeTree" && first?.op === "open")
      rmSync(`${first.args.path}/${step.args.path}`, { recursive: true, force: true });
  }
}
