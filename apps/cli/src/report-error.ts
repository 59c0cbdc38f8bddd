import { isGalleyError } from "@galley/spec";
import { exitCodeOf } from "./exit-code.ts";
import { usageCode } from "./flags/usage-error.ts";
import type { LogLevel } from "./global-flags.ts";
import { isClosedOutput, printError } from "./output/print.ts";

/** What was called, as far as it is known: an error points to its help. */
export interface Call {
  calledAs: string;
  logLevel: LogLevel;
}

/** What a shell sees of a program that SIGPIPE ended, which is how others react to a closed pipe. */
const closedPipe = 141;

/** Tells what went wrong on standard error, one line for the error itself, and returns the exit code. */
export function reportError(error: unknown, call: Call): number {
  if (isClosedOutput(error)) return closedPipe;
  printError(`Error: ${errorLine(error)}`);
  if (isGalleyError(error) && error.code === usageCode) {
    if (typeof error.details["hint"] === "string") printError(error.details["hint"]);
    printError(`See '${call.calledAs} --help'`);
  }
  if (call.logLevel === "debug" || call.logLevel === "trace") printCauses(error);
  return exitCodeOf(error);
}

/** An error's message on one line; messages of programs and registries may have several. */
export function errorLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message
    .trim()
    .split(/\s*[\r\n]+\s*/)
    .join(" ");
}

function printCauses(error: unknown): void {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++) {
    printError(`${depth === 0 ? "" : "caused by "}${cause.stack ?? cause.message}`);
  }
}
