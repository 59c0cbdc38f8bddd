import { listContainers, stopContainer } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle, value } from "../flags/flag.ts";
import { usageError } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";
import { parseCount } from "../values/parse-number.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  description:
    "Stops containers: sends their stop signal, then SIGKILL if that does not help in time. Prints what was given.",
  example: "galley stop -t 2 web",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("All running containers", { short: "a" }),
    ignore: toggle("Do not mind containers that do not exist", { short: "i" }),
    time: value("SECONDS", "How long to wait before SIGKILL (10)", parseCount, { short: "t" }),
  },
  async run({ flags, words, places }) {
    if (words.length === 0 && !flags.all) throw usageError("you must provide at least one name or id");
    using engine = openGalley(places);
    const names = flags.all ? listContainers(engine).map(({ id }) => id) : words;
    return await forEach(names, {}, async (name) => {
      try {
        await stopContainer(engine, name, flags.time === undefined ? {} : { timeoutS: flags.time });
      } catch (error) {
        if (flags.ignore && isGalleyError(error, "not-found")) return;
        throw error;
      }
      await print(name);
    });
  },
});
