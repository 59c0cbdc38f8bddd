import { findImage, listMountedImages, unmountImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "IMAGE [IMAGE...]",
  description: "Gives up one use of mounted images and prints their ids; with the last use the mount goes.",
  example: "galley image unmount docker.io/library/alpine",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("Unmount all images", { short: "a" }),
    force: toggle("Give up all uses at once", { short: "f" }),
  },
  async run({ flags, words, places }) {
    if (words.length === 0 && !flags.all) throw badValue("image name or ID must be specified");
    using engine = openGalley(places);
    const names = flags.all ? listMountedImages(engine).map(({ image }) => image.id) : words;
    return forEach(names, {}, async (name) => {
      const { id } = findImage(engine, name);
      if (await unmountImage(engine, id, { force: flags.force })) await print(id);
    });
  },
});
