import { findContainer } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";

export const command = defineCommand({
  usage: "CONTAINER",
  description: "Ends with 0 if the container exists, with 1 if it does not, and prints nothing.",
  example: "galley container exists web",
  atLeast: 1,
  atMost: 1,
  flags: {},
  run({ words, places }) {
    using engine = openGalley(places);
    try {
      findContainer(engine, words[0] ?? "");
      return 0;
    } catch (error) {
      if (isGalleyError(error, "not-found")) return 1;
      throw error;
    }
  },
});
