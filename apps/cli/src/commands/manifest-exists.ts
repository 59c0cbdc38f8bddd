import { manifestListExists } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";

export const command = defineCommand({
  usage: "LIST",
  description: "Ends with 0 if there is such a manifest list, and with 1 if not.",
  example: "galley manifest exists app:1",
  atLeast: 1,
  atMost: 1,
  flags: {},
  run({ words, places }) {
    using engine = openGalley(places);
    return manifestListExists(engine, words[0] ?? "") ? 0 : 1;
  },
});
