import { inspectManifest } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";
import { registryAccessOf, registryFlags } from "../registry-flags/registry-flags.ts";

export const command = defineCommand({
  usage: "NAME",
  description:
    "Prints a manifest list of the store, or the manifest or index that a registry has under a name, as it is.",
  example: "galley manifest inspect docker.io/library/alpine",
  atLeast: 1,
  atMost: 1,
  flags: { ...registryFlags, verbose: toggle("Nothing, for docker's sake", { short: "v", hidden: true }) },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    await print(json(await inspectManifest(engine, words[0] ?? "", registryAccessOf(flags))));
  },
});
