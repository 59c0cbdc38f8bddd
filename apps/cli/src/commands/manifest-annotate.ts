import { annotateManifest, annotateManifestList } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { badValue, usageError } from "../flags/usage-error.ts";
import { memberFlags, memberWords } from "../manifest-flags/member-flags.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "LIST [IMAGE]",
  description:
    "Changes what a manifest list says about one of its manifests, named by digest or image, or about itself.",
  example: "galley manifest annotate --arch arm --variant v7 app:1 app:1-arm",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: { index: toggle("Annotate the list itself"), ...memberFlags },
  async run({ flags, words, places }) {
    const [list = "", image] = words;
    const spoken = memberWords(flags);
    if (flags.index === (image !== undefined)) throw usageError("name an image of the list, or give --index");
    using engine = openGalley(places);
    if (image !== undefined) return print(await annotateManifest(engine, list, image, spoken));
    if (spoken.platform) throw badValue("--index takes --annotation alone: a list has no platform");
    return print(await annotateManifestList(engine, list, spoken));
  },
});
