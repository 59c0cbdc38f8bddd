import { type Engine, imageExists } from "@galley/engine";
import { formatReference, galleyError } from "@galley/spec";
import type { FlagValues } from "./flags/flag.ts";
import { type pullAccessFlags, registryAccessOf } from "./registry-flags/registry-flags.ts";
import type { PullPolicy } from "./values/parse-choice.ts";

/** How `run` and `create` were told to pull. */
export interface EnsureOptions extends Partial<FlagValues<typeof pullAccessFlags>> {
  readonly pull?: PullPolicy | undefined;
  readonly quiet: boolean;
}

/**
 * Has the image in the store, by pulling it when the policy says so. The registry client is loaded only then. Gives the name or id by
 * which the store knows it: what a short name stands for to registries may end otherwise.
 */
export async function ensureImage(engine: Engine, image: string, options: EnsureOptions): Promise<string> {
  const policy = options.pull ?? "missing";
  const there = policy === "missing" || policy === "never" ? imageExists(engine, image) : undefined;
  if (there === true) return image;
  if (policy === "never") throw galleyError("not-found", "engine.image-unknown", `${image}: image not known`);
  const { pullWithProgress } = await import("./pull-with-progress.ts");
  const names = [image];
  const { id } = await pullWithProgress(engine, image, {
    policy,
    progress: options.quiet ? "none" : "auto",
    access: registryAccessOf(options),
    onAttempt: ({ reference }) => names.unshift(formatReference(reference)),
  });
  return names.find((name) => imageExists(engine, name)) ?? id;
}
