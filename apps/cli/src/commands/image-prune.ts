import { pruneImages } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { confirm } from "../confirm.ts";
import { list, toggle } from "../flags/flag.ts";
import { print } from "../output/print.ts";
import { imageFilters } from "../values/image-filters.ts";
import { parseFilter } from "../values/parse-filter.ts";

export const command = defineCommand({
  usage: "",
  description:
    "Removes images without a name, or all that no container uses, and every blob and layer that nothing needs.",
  example: "galley image prune --all --force",
  needsRoot: true,
  flags: {
    all: toggle("Remove all images that no container uses", { short: "a" }),
    filter: list("KEY=VALUE", "Remove only those for which this holds", parseFilter),
    force: toggle("Do not ask", { short: "f" }),
    external: toggle("There are no containers of other tools here", { hidden: true }),
  },
  async run({ flags, places }) {
    const what = flags.all ? "all images without at least one container associated with them" : "all dangling images";
    if (!flags.force && !(await confirm(`WARNING! This command removes ${what}.`))) return;
    using engine = openGalley(places);
    const filters = imageFilters(flags.filter, Date.now());
    const { deleted } = await pruneImages(engine, { all: flags.all, filters });
    if (deleted.length > 0) await print(deleted.map(({ id }) => id).join("\n"));
  },
});
