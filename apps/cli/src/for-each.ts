import { exitCodeOf } from "./exit-code.ts";
import { isClosedOutput, printError } from "./output/print.ts";
import { errorLine } from "./report-error.ts";

export interface ForEachOptions {
  /** Which exit code an error stands for. */
  readonly exitCodeOf?: (error: unknown) => number;
}

/**
 * Does something to each of several things, one after the other; one that fails is told and does not stop the others. Returns the
 * exit code: 0, or the highest of the failures'.
 */
export async function forEach<Item>(
  items: readonly Item[],
  options: ForEachOptions,
  act: (item: Item) => Promise<void>,
): Promise<number> {
  let worst = 0;
  for (const item of items) {
    try {
      await act(item);
    } catch (error) {
      if (isClosedOutput(error)) throw error;
      printError(`Error: ${errorLine(error)}`);
      worst = Math.max(worst, (options.exitCodeOf ?? exitCodeOf)(error));
    }
  }
  return worst;
}
