import { type Engine, imageExists } from "@galley/engine";
import { galleyError } from "@galley/spec";
import type { PullPolicy } from "./values/parse-choice.ts";

/** How `run` and `create` were told to pull. */
export interface EnsureOptions {
  readonly pull?: PullPolicy | undefined;
  readonly quiet: boolean;
  readonly "tls-verify"?: boolean | undefined;
}

/** Has the image in the store, by pulling it when the policy says so. The registry client is loaded only then. */
export async function ensureImage(engine: Engine, image: string, options: EnsureOptions): Promise<void> {
  const policy = options.pull ?? "missing";
  const there = policy === "missing" || policy === "never" ? imageExists(engine, image) : undefined;
  if (there === true) return;
  if (policy === "never") throw galleyError("not-found", "engine.image-unknown", `${image}: image not known`);
  const { pullWithProgress } = await import("./pull-with-progress.ts");
  await pullWithProgress(engine, image, { policy, quiet: options.quiet, tlsVerify: options["tls-verify"] });
}
