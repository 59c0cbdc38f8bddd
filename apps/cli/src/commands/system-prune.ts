import { type PrunedContainers, type PrunedImages, pruneContainers, pruneImages } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { confirm } from "../confirm.ts";
import { list, toggle } from "../flags/flag.ts";
import { humanSize } from "../output/human.ts";
import { print, printError } from "../output/print.ts";
import { errorLine } from "../report-error.ts";
import { pruneFilters } from "../values/container-filters.ts";
import { parseFilter } from "../values/parse-filter.ts";

export const command = defineCommand({
  usage: "",
  description:
    "Removes containers that do not run, images without a name (or all that no container uses), and every blob and layer that nothing needs.",
  example: "galley system prune --all --force",
  needsRoot: true,
  flags: {
    all: toggle("Remove all images that no container uses", { short: "a" }),
    filter: list("KEY=VALUE", "Remove only those for which this holds: label, label!, until", parseFilter),
    force: toggle("Do not ask", { short: "f" }),
  },
  async run({ flags, places }) {
    if (!flags.force && !(await confirm(warning(flags.all)))) return 0;
    using engine = openGalley(places);
    const filters = pruneFilters(flags.filter, Date.now());
    const containers = await pruneContainers(engine, filters);
    const images = await pruneImages(engine, { all: flags.all, filters });
    await print(report(containers, images));
    for (const { error } of containers.failed) printError(`Error: ${errorLine(error)}`);
    return containers.failed.length > 0 ? 125 : 0;
  },
});

function warning(all: boolean): string {
  const images = all ? "all images without at least one container associated with them" : "all dangling images";
  return `WARNING! This command removes:\n\t- all stopped containers\n\t- ${images}\n`;
}

function report(containers: PrunedContainers, images: PrunedImages): string {
  const listed = (title: string, ids: readonly string[]): string[] => (ids.length > 0 ? [title, ...ids] : []);
  return [
    ...listed("Deleted Containers", containers.deleted),
    ...listed(
      "Deleted Images",
      images.deleted.map(({ id }) => id),
    ),
    `Total reclaimed space: ${humanSize(images.freedBytes)}`,
  ].join("\n");
}
