import { defineCommand } from "../command.ts";
import { inspectAll, inspectFlags } from "../inspect-all.ts";

export const command = defineCommand({
  usage: "IMAGE [IMAGE...]",
  description: "Prints all that is known about images, as JSON.",
  example: "galley image inspect docker.io/library/alpine",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  flags: inspectFlags,
  run: ({ words, places }) => inspectAll(words, "image", places),
});
