import { containerExists, diffContainer, diffImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { differenceFlags, printDifferences } from "../print-differences.ts";

export const command = defineCommand({
  usage: "CONTAINER|IMAGE [CONTAINER|IMAGE]",
  description:
    "Lists what a container has changed in the files of its image, or what an image's last layer changes in those below: A for added, C for changed, D for deleted. With a second name, in what the first differs from that.",
  example: "galley diff web",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: differenceFlags,
  async run({ flags, words, places }) {
    const [name = "", from] = words;
    using engine = openGalley(places);
    const compare = containerExists(engine, name) ? diffContainer : diffImage;
    await printDifferences(await compare(engine, name, from === undefined ? {} : { from }), flags.format);
  },
});
