import { type Engine, type ImageRecord, type PullAttempt, pullImage, type RegistryAccess } from "@galley/engine";
import { formatReference, type Platform, type Reference } from "@galley/spec";
import { printError } from "./output/print.ts";
import type { ProgressChoice } from "./transfer-progress/progress-flags.ts";
import { withDisplay } from "./transfer-progress/with-display.ts";
import type { PullPolicy } from "./values/parse-choice.ts";

export interface PullWithProgressOptions {
  readonly policy: PullPolicy;
  readonly progress: ProgressChoice;
  readonly access: RegistryAccess;
  readonly platform?: Platform | undefined;
  readonly onAttempt?: (attempt: PullAttempt) => void;
}

/**
 * Pulls an image and shows how it goes. Control-C stops it cleanly. At a terminal, whoever sits there chooses what a short name means
 * when registries.conf has several answers.
 */
export async function pullWithProgress(
  engine: Engine,
  name: string,
  { policy, progress, access, platform, onAttempt }: PullWithProgressOptions,
): Promise<ImageRecord> {
  const image = name.replace(/^docker:\/\//, "");
  const silent = progress === "none" || progress === "json";
  return withDisplay(progress, (shown) =>
    pullImage(engine, image, {
      ...access,
      policy,
      ...(platform ? { platform } : {}),
      onAttempt: (attempt) => {
        if (!silent) tellAttempt(image, attempt);
        onAttempt?.(attempt);
      },
      ...(process.stdin.isTTY && process.stdout.isTTY ? { chooseReference } : {}),
      ...shown,
    }),
  );
}

function tellAttempt(name: string, { reference, by, path }: PullAttempt): void {
  if (by === "alias") printError(`Resolved ${JSON.stringify(name)} as an alias (${path})`);
  if (by === "search") printError(`Resolving ${JSON.stringify(name)} using unqualified-search registries (${path})`);
  printError(`Trying to pull ${formatReference(reference)}...`);
}

async function chooseReference(references: readonly Reference[]): Promise<Reference> {
  const { choose } = await import("./choose.ts");
  const index = await choose("Please select an image:", references.map(formatReference));
  return references[index] as Reference;
}
