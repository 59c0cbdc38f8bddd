import { diffContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { differenceFlags, printDifferences } from "../print-differences.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER|IMAGE]",
  description:
    "Lists what a container has changed in the files of its image: A for added, C for changed, D for deleted. With a second name, in what it differs from that container or image.",
  example: "galley container diff web",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: differenceFlags,
  async run({ flags, words, places }) {
    const [name = "", from] = words;
    using engine = openGalley(places);
    await printDifferences(await diffContainer(engine, name, from === undefined ? {} : { from }), flags.format);
  },
});
