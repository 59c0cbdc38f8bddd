import type { TransferProgress } from "@galley/engine";
import { galleyError, isGalleyError } from "@galley/spec";
import { exitCodes } from "../exit-code.ts";
import { openDisplay } from "./open-display.ts";
import type { ProgressChoice } from "./progress-flags.ts";
import { tuneForTransfers } from "./tune-for-transfers.ts";

/** What a transfer tells to and listens to. */
export interface Shown {
  readonly onProgress: (progress: TransferProgress) => void;
  readonly signal: AbortSignal;
}

/** SIGINT's number. */
const interruptNumber = 2;

/**
 * Does something that moves images and shows how it goes. Control-C stops it cleanly; a second one ends the program at once, with
 * the terminal in order.
 */
export async function withDisplay<Result>(
  choice: ProgressChoice,
  act: (shown: Shown) => Promise<Result>,
): Promise<Result> {
  tuneForTransfers();
  const display = await openDisplay(choice);
  const interruption = new AbortController();
  const interrupt = (): void => {
    if (interruption.signal.aborted) {
      display.close();
      process.exit(exitCodes.signalBase + interruptNumber);
    }
    interruption.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    const result = await act({ onProgress: (progress) => display.show(progress), signal: interruption.signal });
    display.finish();
    return result;
  } catch (error) {
    if (!interruption.signal.aborted || isGalleyError(error, "cancelled")) throw error;
    // Control-C reaches the programs that work for us too, so what fails first may look like anything.
    throw galleyError("cancelled", "cli.interrupted", "cancelled by a signal", { cause: error });
  } finally {
    display.close();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}
