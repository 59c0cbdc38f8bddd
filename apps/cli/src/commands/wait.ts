import { waitContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { forEach } from "../for-each.ts";
import { print, printError } from "../output/print.ts";

/** What is printed for an exit code that nobody saw; never a 0. */
const unknownCode = -1;

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  description: "Waits until containers have ended and prints their exit codes; -1 for one that nobody saw.",
  example: "galley wait web",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  flags: {},
  async run({ words, places }) {
    using engine = openGalley(places);
    return await forEach(words, {}, async (name) => {
      const code = await waitContainer(engine, name);
      if (code === undefined) printError(`Warning: nobody saw how container ${name} ended`);
      await print(String(code ?? unknownCode));
    });
  },
});
