import { diffImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { differenceFlags, printDifferences } from "../print-differences.ts";

export const command = defineCommand({
  usage: "IMAGE [CONTAINER|IMAGE]",
  description:
    "Lists what an image's last layer changes in the files below: A for added, C for changed, D for deleted. With a second name, in what it differs from that image or container.",
  example: "galley image diff localhost/app:2 localhost/app:1",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: differenceFlags,
  async run({ flags, words, places }) {
    const [name = "", from] = words;
    using engine = openGalley(places);
    await printDifferences(await diffImage(engine, name, from === undefined ? {} : { from }), flags.format);
  },
});
