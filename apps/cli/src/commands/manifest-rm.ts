import { removeManifestList } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "LIST [LIST...]",
  description: "Removes manifest lists. The images in them stay.",
  example: "galley manifest rm app:1",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: { ignore: toggle("Do not mind lists that do not exist", { short: "i" }) },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    return await forEach(words, {}, async (name) => {
      try {
        const { untagged, deleted } = await removeManifestList(engine, name);
        await print([...untagged.map((each) => `Untagged: ${each}`), `Deleted: ${deleted}`].join("\n"));
      } catch (error) {
        if (!(flags.ignore && isGalleyError(error, "not-found"))) throw error;
      }
    });
  },
});
