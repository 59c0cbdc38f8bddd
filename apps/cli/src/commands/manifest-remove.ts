import { removeManifest } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "LIST IMAGE",
  description: "Takes a manifest, named by digest or image, out of a manifest list, and prints its digest.",
  example: "galley manifest remove app:1 app:1-arm64",
  atLeast: 2,
  atMost: 2,
  needsRoot: true,
  flags: {},
  async run({ words, places }) {
    const [list = "", image = ""] = words;
    using engine = openGalley(places);
    await print(await removeManifest(engine, list, image));
  },
});
