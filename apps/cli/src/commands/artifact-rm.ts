import { listArtifacts, removeArtifact } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { usageError } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "ARTIFACT [ARTIFACT...]",
  description: "Removes artifacts from the store and prints their digests.",
  example: "galley artifact rm registry.example.com/team/sbom:1",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("Remove all artifacts", { short: "a" }),
    ignore: toggle("Do not mind artifacts that do not exist", { short: "i" }),
  },
  async run({ flags, words, places }) {
    if (words.length === 0 && !flags.all) throw usageError("artifact name or digest must be specified");
    using engine = openGalley(places);
    const names = flags.all ? listArtifacts(engine).map(({ name }) => name) : words;
    return await forEach(names, {}, async (name) => {
      try {
        await print(await removeArtifact(engine, name));
      } catch (error) {
        if (!(flags.ignore && isGalleyError(error, "not-found"))) throw error;
      }
    });
  },
});
