import { listImages, removeImage } from "@galley/engine";
import { isGalleyError } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { removalExitCodeOf } from "../exit-code.ts";
import { toggle } from "../flags/flag.ts";
import { usageError } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "IMAGE [IMAGE...]",
  description:
    "Removes names of images, and the images that have no name left. Says with 1 that there is none, with 2 that it is in use.",
  example: "galley rmi docker.io/library/alpine",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("Remove all images", { short: "a" }),
    force: toggle("Remove all names of an image, and containers made from it", { short: "f" }),
    ignore: toggle("Do not mind images that do not exist", { short: "i" }),
  },
  async run({ flags, words, places }) {
    if (words.length === 0 && !flags.all) throw usageError("image name or ID must be specified");
    using engine = openGalley(places);
    const names = flags.all ? listImages(engine).map(({ id }) => id) : words;
    return await forEach(names, { exitCodeOf: removalExitCodeOf }, async (name) => {
      try {
        const { untagged, deleted } = await removeImage(engine, name, { force: flags.force || flags.all });
        const lines = [...untagged.map((each) => `Untagged: ${each}`), ...deleted.map((id) => `Deleted: ${id}`)];
        if (lines.length > 0) await print(lines.join("\n"));
      } catch (error) {
        if (!((flags.ignore || flags.force) && isGalleyError(error, "not-found"))) throw error;
      }
    });
  },
});
