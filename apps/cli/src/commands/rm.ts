import { listContainers, reclaimContainers, removeContainer } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { removalExitCodeOf } from "../exit-code.ts";
import { toggle, value } from "../flags/flag.ts";
import { usageError } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";
import { parseCount } from "../values/parse-number.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  description:
    "Removes containers and prints what was given. Says with 1 that there is none, with 2 that it is running.",
  example: "galley rm -f -t 2 web",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("All containers", { short: "a" }),
    force: toggle("Stop running containers first", { short: "f" }),
    ignore: toggle("Do not mind containers that do not exist", { short: "i" }),
    time: value("SECONDS", "With -f, how long to wait before SIGKILL (10)", parseCount, { short: "t" }),
    volumes: toggle("Remove anonymous volumes too; there are none yet", { short: "v" }),
  },
  async run({ flags, words, places }) {
    if (words.length === 0 && !flags.all) throw usageError("you must provide at least one name or id");
    using engine = openGalley(places);
    if (flags.all) await reclaimContainers(engine); // those that no list shows, since they were to be gone by now
    const names = flags.all ? listContainers(engine, { all: true }).map(({ id }) => id) : words;
    const force = flags.force || flags.time !== undefined;
    return await forEach(names, { exitCodeOf: removalExitCodeOf }, async (name) => {
      try {
        await removeContainer(engine, name, { force, ...(flags.time === undefined ? {} : { timeoutS: flags.time }) });
      } catch (error) {
        if (flags.ignore && isGalleyError(error, "not-found")) return;
        throw error;
      }
      await print(name);
    });
  },
});
