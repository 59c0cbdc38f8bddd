import { type ImageHistoryEntry, imageHistory } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle, triState } from "../flags/flag.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { humanAge, humanSize } from "../output/human.ts";
import { print } from "../output/print.ts";
import { table } from "../output/table.ts";

export const command = defineCommand({
  usage: "IMAGE",
  description: "Shows how an image came about: the commands that made its layers, the last one first.",
  example: "galley history docker.io/library/alpine",
  atLeast: 1,
  atMost: 1,
  flags: {
    format: formatFlag(),
    human: triState("Show sizes and ages for people, not as bytes and dates (true)", { short: "H" }),
    "no-trunc": toggle("Do not shorten ids and commands"),
    quiet: toggle("Print ids only", { short: "q" }),
  },
  run({ flags, words, places }) {
    using engine = openGalley(places);
    const entries = imageHistory(engine, words[0] ?? "");
    if (flags.format === "json") return print(json(entries.map(historyJson)));
    const id = (entry: ImageHistoryEntry): string =>
      entry.id === undefined ? missing : flags["no-trunc"] ? `sha256:${entry.id}` : entry.id.slice(0, 12);
    if (flags.quiet) return print(entries.map(id).join("\n"));
    const now = Date.now();
    const age = ({ createdAtMs }: ImageHistoryEntry): string => {
      if (createdAtMs === undefined) return "";
      return flags.human === false ? new Date(createdAtMs).toISOString() : humanAge(createdAtMs, now);
    };
    const rows = entries.map((entry) => [
      ...[id(entry), age(entry), printable(entry.createdBy, flags["no-trunc"])],
      ...[flags.human === false ? String(entry.sizeBytes) : humanSize(entry.sizeBytes), printable(entry.comment, true)],
    ]);
    return print(table([["ID", "CREATED", "CREATED BY", "SIZE", "COMMENT"], ...rows]));
  },
});

const missing = "<missing>";
const shownCommandLength = 45;

/** A command may hold line feeds and terminal controls; a table is one line an entry. */
function printable(text: string, whole: boolean): string {
  const line = text.replace(/[\x00-\x1f\x7f]/g, " ");
  return whole || line.length <= shownCommandLength ? line : `${line.slice(0, shownCommandLength - 3)}...`;
}

function historyJson(entry: ImageHistoryEntry): object {
  return {
    id: entry.id ?? missing,
    created: entry.createdAtMs === undefined ? null : new Date(entry.createdAtMs).toISOString(),
    CreatedBy: entry.createdBy,
    size: entry.sizeBytes,
    comment: entry.comment,
    tags: entry.names,
  };
}
