import { type Flag, value } from "../flags/flag.ts";
import { badValue, notYet } from "../flags/usage-error.ts";

/** How a command prints what it found. */
export type OutputFormat = "text" | "json";

/** `--format`, for commands that can print JSON. */
export function formatFlag(): Flag<OutputFormat | undefined> {
  return value("json", "Print JSON instead of text", parseFormat, {});
}

function parseFormat(given: string): OutputFormat {
  if (given === "json") return "json";
  if (given === "table" || given === "text") return "text";
  if (given.includes("{{")) throw notYet("Go templates are not supported yet: --format takes json");
  throw badValue(`unknown format ${JSON.stringify(given)}: --format takes json`);
}

/** Data as JSON, the way podman indents lists. */
export function json(value: unknown, indent = 4): string {
  return JSON.stringify(value, undefined, indent);
}
