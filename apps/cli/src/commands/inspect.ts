import { defineCommand } from "../command.ts";
import { text, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { inspectAll, inspectFlags } from "../inspect-all.ts";

export const command = defineCommand({
  usage: "CONTAINER|IMAGE [CONTAINER|IMAGE...]",
  description: "Prints all that is known about containers or images, as JSON.",
  example: "galley inspect web",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  flags: { type: value("container|image|all", "Look for this kind only (all)", text, { short: "t" }), ...inspectFlags },
  run({ flags, words, places }) {
    const { type = "all" } = flags;
    if (type !== "all" && type !== "container" && type !== "image") {
      throw badValue(`invalid type ${JSON.stringify(type)}: must be "image", "container", or "all"`);
    }
    return inspectAll(words, type, places);
  },
});
