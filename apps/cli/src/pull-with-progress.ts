import { type Engine, type ImageRecord, type PullOptions, pullImage } from "@galley/engine";
import { formatReference, parseReference, withDefaultTag } from "@galley/spec";
import { printError } from "./output/print.ts";
import { plainProgress } from "./pull-progress/plain-progress.ts";
import type { ProgressDisplay } from "./pull-progress/progress-display.ts";
import type { PullPolicy } from "./values/parse-choice.ts";

export interface PullWithProgressOptions {
  readonly policy: PullPolicy;
  readonly quiet: boolean;
  readonly tlsVerify: boolean | undefined;
}

/** Pulls an image and tells on standard error how it goes: bars on a terminal, lines elsewhere. Control-C stops it cleanly. */
export async function pullWithProgress(
  engine: Engine,
  name: string,
  options: PullWithProgressOptions,
): Promise<ImageRecord> {
  const image = name.replace(/^docker:\/\//, "");
  if (!options.quiet) printError(`Trying to pull ${formatReference(withDefaultTag(parseReference(image)))}...`);
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const display = options.quiet ? undefined : await openDisplay();
  try {
    const record = await pullImage(engine, image, { ...pullOptions(options, display), signal: interruption.signal });
    display?.finish();
    return record;
  } finally {
    display?.close();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

function pullOptions(
  { policy, tlsVerify }: PullWithProgressOptions,
  display: ProgressDisplay | undefined,
): PullOptions {
  return {
    policy,
    ...(tlsVerify === undefined ? {} : { tlsVerify }),
    ...(display ? { onProgress: (progress) => display.show(progress) } : {}),
  };
}

async function openDisplay(): Promise<ProgressDisplay> {
  const { isatty } = await import("node:tty");
  if (!isatty(2)) return plainProgress(printError);
  const { barProgress } = await import("./pull-progress/bar-progress.ts");
  return barProgress(process.stderr);
}
