import type { PathDifference } from "@galley/engine";
import { encodeName } from "@galley/spec";
import { formatFlag, json, type OutputFormat } from "./output/format-flag.ts";
import { print, writeAll } from "./output/print.ts";

/** Flags of everything that compares files. */
export const differenceFlags = { format: formatFlag() };

const letters = { changed: "C", added: "A", deleted: "D" } as const;

/** A line for each path, its bytes as they are; or lists of paths as JSON. */
export async function printDifferences(
  differences: readonly PathDifference[],
  format: OutputFormat | undefined,
): Promise<void> {
  if (format === "json") return print(json(listed(differences)));
  for (const { kind, path } of differences) await writeAll(1, encodeName(`${letters[kind]} ${path}\n`));
}

/** Lists that would be empty are left out. */
function listed(differences: readonly PathDifference[]): Record<string, string[]> {
  const kinds = ["changed", "added", "deleted"] as const;
  const lists = kinds.map((kind) => [kind, differences.flatMap((each) => (each.kind === kind ? [each.path] : []))]);
  return Object.fromEntries(lists.filter(([, paths]) => paths?.length));
}
