import { type ContainerSummary, listContainers } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle, value } from "../flags/flag.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { humanAge } from "../output/human.ts";
import { print } from "../output/print.ts";
import { table } from "../output/table.ts";
import { parseInteger } from "../values/parse-number.ts";

export const command = defineCommand({
  usage: "",
  description: "Lists containers: those that run, or all.",
  example: "galley ps -a",
  flags: {
    all: toggle("Show ended and created containers too", { short: "a" }),
    last: value("NUMBER", "Show the so many created last, whatever they do", parseInteger, { short: "n" }),
    latest: toggle("Show the one created last", { short: "l" }),
    quiet: toggle("Print ids only", { short: "q" }),
    "no-trunc": toggle("Do not shorten ids and commands"),
    noheading: toggle("Do not print headings"),
    format: formatFlag(),
  },
  run({ flags, places }) {
    using engine = openGalley(places);
    const last = flags.latest ? 1 : Math.max(flags.last ?? 0, 0);
    const newestFirst = listContainers(engine, { all: flags.all || last > 0 });
    const shown = (last > 0 ? newestFirst.slice(0, last) : newestFirst).toReversed();
    const now = Date.now();
    if (flags.format === "json")
      return print(
        json(
          shown.map((each) => containerJson(each, now)),
          2,
        ),
      );
    if (flags.quiet)
      return shown.length > 0 ? print(shown.map(({ id }) => shortId(id, flags["no-trunc"])).join("\n")) : undefined;
    const rows = shown.map((each) => containerRow(each, flags["no-trunc"], now));
    if (flags.noheading && rows.length === 0) return undefined;
    return print(table(flags.noheading ? rows : [headings, ...rows]));
  },
});

const headings = ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"];
const shownCommandLength = 17;

function shortId(id: string, whole: boolean): string {
  return whole ? id : id.slice(0, 12);
}

function containerRow(container: ContainerSummary, whole: boolean, now: number): readonly string[] {
  const { id, imageName, name, createdAtMs } = container;
  const line = container.command.join(" ");
  const shown = whole || line.length <= shownCommandLength ? line : `${line.slice(0, shownCommandLength)}...`;
  // A command may hold line feeds and terminal controls; a table is one line a container.
  return [
    shortId(id, whole),
    imageName,
    printable(shown),
    humanAge(createdAtMs, now),
    statusText(container, now),
    "",
    name,
  ];
}

function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, " ");
}

/** What a container is doing, in podman's words. An exit code that nobody saw is told as such. */
export function statusText(container: ContainerSummary, now: number): string {
  if (container.status === "running") return `Up ${humanAge(container.startedAtMs ?? now, now)}`;
  if (container.status !== "exited") return container.status === "created" ? "Created" : "Starting";
  const { code, finishedAtMs } = container.exit ?? {};
  return `Exited (${code ?? "unknown"})${finishedAtMs === undefined ? "" : ` ${humanAge(finishedAtMs, now)}`}`;
}

/** Podman's way to say never, in seconds since 1970: the first second of year 1. */
const never = -62_135_596_800;

function containerJson(container: ContainerSummary, now: number): object {
  return {
    Command: container.command,
    CreatedAt: humanAge(container.createdAtMs, now),
    Exited: container.status === "exited",
    ExitedAt: seconds(container.exit?.finishedAtMs),
    ExitCode: container.status === "exited" ? (container.exit?.code ?? null) : 0,
    Id: container.id,
    Image: container.imageName,
    ImageID: container.imageId,
    IsInfra: false,
    Labels: Object.keys(container.labels).length > 0 ? container.labels : null,
    Mounts: [],
    Names: [container.name],
    Namespaces: {},
    Networks: [],
    Pid: container.pid ?? 0,
    Pod: "",
    PodName: "",
    Ports: null,
    Size: null,
    StartedAt: seconds(container.startedAtMs),
    State: container.status,
    Status: statusText(container, now),
    Created: seconds(container.createdAtMs),
  };
}

function seconds(milliseconds: number | undefined): number {
  return milliseconds === undefined ? never : Math.floor(milliseconds / 1000);
}
