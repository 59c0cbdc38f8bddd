import { untagImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";

export const command = defineCommand({
  usage: "IMAGE [NAME...]",
  description: "Takes names from an image: those given, or all it has. The image itself stays.",
  example: "galley untag docker.io/library/alpine localhost/base:1",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {},
  run({ words, places }) {
    const [image = "", ...names] = words;
    using engine = openGalley(places);
    untagImage(engine, image, names);
  },
});
