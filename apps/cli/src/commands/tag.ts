import { tagImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";

export const command = defineCommand({
  usage: "IMAGE NAME [NAME...]",
  description: "Gives an image more names. Another image that has such a name loses it.",
  example: "galley tag docker.io/library/alpine localhost/base:1",
  atLeast: 2,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {},
  run({ words, places }) {
    const [image = "", ...names] = words;
    using engine = openGalley(places);
    for (const name of names) tagImage(engine, image, name);
  },
});
