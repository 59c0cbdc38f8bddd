import { pruneContainers } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { confirm } from "../confirm.ts";
import { list, toggle } from "../flags/flag.ts";
import { print, printError } from "../output/print.ts";
import { errorLine } from "../report-error.ts";
import { pruneFilters } from "../values/container-filters.ts";
import { parseFilter } from "../values/parse-filter.ts";

export const command = defineCommand({
  usage: "",
  description: "Removes all containers that do not run.",
  example: "galley container prune --force",
  needsRoot: true,
  flags: {
    filter: list("KEY=VALUE", "Remove only those for which this holds: label, label!, until", parseFilter),
    force: toggle("Do not ask", { short: "f" }),
  },
  async run({ flags, places }) {
    if (!flags.force && !(await confirm("WARNING! This will remove all non running containers."))) return 0;
    using engine = openGalley(places);
    const { deleted, failed } = await pruneContainers(engine, pruneFilters(flags.filter, Date.now()));
    if (deleted.length > 0) await print(deleted.join("\n"));
    for (const { error } of failed) printError(`Error: ${errorLine(error)}`);
    return failed.length > 0 ? 125 : 0;
  },
});
