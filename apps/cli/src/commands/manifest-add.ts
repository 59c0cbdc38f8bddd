import { addManifests } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { memberFlags, memberWords } from "../manifest-flags/member-flags.ts";
import { print } from "../output/print.ts";
import { registryAccessOf, registryFlags } from "../registry-flags/registry-flags.ts";

export const command = defineCommand({
  usage: "LIST IMAGE [IMAGE...]",
  description: "Adds images to a manifest list, from the store or else from a registry, and prints the list's id.",
  example: "galley manifest add --variant v8 app:1 docker://example.com/app:1-arm64",
  atLeast: 2,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("Add all that an index names, not only this machine's platform"),
    ...memberFlags,
    ...registryFlags,
  },
  async run({ flags, words, places }) {
    const [list = "", ...images] = words;
    using engine = openGalley(places);
    const options = { ...registryAccessOf(flags), ...memberWords(flags), all: flags.all };
    await print(await addManifests(engine, list, images, options));
  },
});
