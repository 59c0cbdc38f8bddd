import { imageExists } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";

export const command = defineCommand({
  usage: "IMAGE",
  description: "Ends with 0 if the image is in the store, with 1 if it is not, and prints nothing.",
  example: "galley image exists docker.io/library/alpine",
  atLeast: 1,
  atMost: 1,
  flags: {},
  run({ words, places }) {
    using engine = openGalley(places);
    return imageExists(engine, words[0] ?? "") ? 0 : 1;
  },
});
