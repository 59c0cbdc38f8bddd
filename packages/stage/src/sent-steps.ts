import type { Step } from "@galley/plan";
import type { SentStep } from "./failure.ts";
import { limits } from "./limits.ts";

/** What was streamed lately, so that a failure can be told by what the step was for. */
export interface SentSteps {
  add(steps: readonly Step[]): void;
  /** The step of that index among all that were streamed, or undefined when it is too long ago. */
  at(index: number): SentStep | undefined;
}

/** Makes an empty memory. It keeps of each step only the words, not the data, and of the last `limits.sentSteps` at most. */
export function createSentSteps(): SentSteps {
  const words: string[] = []; // by and why, side by side, the oldest overwritten
  let count = 0;
  return {
    add: (steps) => {
      for (const { by, why } of steps) {
        const at = (count++ % limits.sentSteps) * 2;
        words[at] = by;
        words[at + 1] = why;
      }
    },
    at: (index) => {
      const at = (index % limits.sentSteps) * 2;
      const [by, why] = [words[at], words[at + 1]];
      const known = index >= 0 && index < count && index >= count - limits.sentSteps;
      return known && by !== undefined && why !== undefined ? { by, why } : undefined;
    },
  };
}
