import { killContainer, listContainers } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle, value } from "../flags/flag.ts";
import { usageError } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";
import { parseSignal } from "../values/parse-signal.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  description: "Sends a signal to process 1 of running containers, and prints what was given.",
  example: "galley kill -s HUP web",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("All running containers", { short: "a" }),
    signal: value("SIGNAL", "Name or number (KILL)", parseSignal, { short: "s" }),
  },
  async run({ flags, words, places }) {
    if (words.length === 0 && !flags.all) throw usageError("you must provide at least one name or id");
    using engine = openGalley(places);
    const names = flags.all ? listContainers(engine).map(({ id }) => id) : words;
    return await forEach(names, {}, async (name) => {
      await killContainer(engine, name, String(flags.signal ?? "SIGKILL"));
      await print(name);
    });
  },
});
