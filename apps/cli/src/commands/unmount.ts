import { listMountedContainers, unmountContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  description: "Gives up one use of mounted containers and prints their names; with the last use the mount goes.",
  example: "galley unmount web",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("Unmount all containers", { short: "a" }),
    force: toggle("Give up all uses at once", { short: "f" }),
  },
  async run({ flags, words, places }) {
    if (words.length === 0 && !flags.all) throw badValue("you must provide at least one name or id");
    using engine = openGalley(places);
    const names = flags.all ? listMountedContainers(engine).map(({ container }) => container.id) : words;
    return forEach(names, {}, async (name) => {
      await unmountContainer(engine, name, { force: flags.force });
      await print(name);
    });
  },
});
