import { defineCommand } from "../command.ts";
import { inspectAll, inspectFlags } from "../inspect-all.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  description: "Prints all that is known about containers, as JSON.",
  example: "galley container inspect web",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  flags: inspectFlags,
  run: ({ words, places }) => inspectAll(words, "container", places),
});
