import { type FlagValues, toggle, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";

const choices = ["auto", "bar", "plain", "json", "none"] as const;

/** How a transfer is shown. */
export type ProgressChoice = (typeof choices)[number];

/** The flags of every command that moves images. Read them with {@link progressOf}. */
export const progressFlags = {
  progress: value("HOW", "Show how it goes, on standard error: bar, plain, json, none, auto (auto)", parseProgress),
  quiet: toggle("Do not show how it goes", { short: "q" }),
};

/** What the flags say. */
export function progressOf({ progress, quiet }: FlagValues<typeof progressFlags>): ProgressChoice {
  return quiet ? "none" : (progress ?? "auto");
}

function parseProgress(given: string): ProgressChoice {
  const known = choices.find((choice) => choice === given);
  if (known === undefined) throw badValue(`unknown kind of progress ${JSON.stringify(given)}: ${choices.join(", ")}`);
  return known;
}
