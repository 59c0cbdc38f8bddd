import { type LogOptions, readContainerLogs } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, toggle, value } from "../flags/flag.ts";
import { batchedWriter } from "../output/batched-writer.ts";
import { parseInteger } from "../values/parse-number.ts";
import { parseTime } from "../values/parse-time.ts";

export const command = defineCommand({
  usage: "CONTAINER",
  description: "Prints what a container wrote, standard output and standard error each where it belongs.",
  example: "galley logs -f --tail 10 web",
  atLeast: 1,
  atMost: 1,
  flags: {
    follow: toggle("Go on until the container has ended", { short: "f" }),
    since: value("TIME", "Begin there: 10m, 2026-01-31T12:00:00Z", text),
    until: value("TIME", "End there", text),
    tail: value("NUMBER", "Print the last so many lines; -1 for all (-1)", parseInteger, { short: "n" }),
    timestamps: toggle("Print the time of each line", { short: "t" }),
  },
  async run({ flags, words, places }) {
    const options = logOptions(flags, Date.now());
    using engine = openGalley(places);
    const format = lineFormatter(flags.timestamps);
    const writer = batchedWriter();
    for await (const line of readContainerLogs(engine, words[0] ?? "", options)) {
      const writing = writer.write(line.stream === "stdout" ? 1 : 2, format(line));
      if (writing !== undefined) await writing;
    }
    await writer.flush();
  },
});

interface TimeFlags {
  readonly follow: boolean;
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly tail: number | undefined;
}

function logOptions({ follow, since, until, tail = -1 }: TimeFlags, nowMs: number): LogOptions {
  return {
    follow,
    ...(tail >= 0 ? { tail } : {}),
    ...(since === undefined ? {} : { sinceMs: parseTime(since, "--since", nowMs) }),
    ...(until === undefined ? {} : { untilMs: parseTime(until, "--until", nowMs) }),
  };
}

const lineFeed = Buffer.from("\n");

type Line = {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly partial: boolean;
  readonly bytes: Uint8Array;
};

/** A line's pieces. A time stands before a whole line, not before each part of a long one. */
function lineFormatter(timestamps: boolean): (line: Line) => readonly Uint8Array[] {
  const inside = { stdout: false, stderr: false };
  return ({ time, stream, partial, bytes }) => {
    const stamp = timestamps && !inside[stream] ? [Buffer.from(`${time.replace("+00:00", "Z")} `)] : [];
    inside[stream] = partial;
    return partial ? [...stamp, bytes] : [...stamp, bytes, lineFeed];
  };
}
