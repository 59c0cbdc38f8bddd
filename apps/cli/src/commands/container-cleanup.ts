import { cleanupContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";

export const command = defineCommand({
  usage: "CONTAINER",
  description: "What a keeper calls when a container that is to be removed has ended and nobody was there.",
  example: "galley container cleanup 6255d8dbb44d",
  atLeast: 1,
  atMost: 1,
  needsRoot: true,
  flags: {},
  async run({ words, places }) {
    using engine = openGalley(places);
    await cleanupContainer(engine, words[0] ?? "");
  },
});
