import { annotateManifestList, createManifestList } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { list, toggle } from "../flags/flag.ts";
import { print } from "../output/print.ts";
import { registryAccessOf, registryFlags } from "../registry-flags/registry-flags.ts";
import { parseLabel } from "../values/parse-label.ts";

export const command = defineCommand({
  usage: "LIST [IMAGE...]",
  description: "Makes a manifest list, which names images of several platforms, and prints its id.",
  example: "galley manifest create app:1 app:1-amd64 app:1-arm64",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("Add all that an index names, not only this machine's platform"),
    amend: toggle("Add to a list that has the name already", { short: "a" }),
    annotation: list("KEY=VALUE", "Set an annotation of the list", parseLabel),
    ...registryFlags,
  },
  async run({ flags, words, places }) {
    const [name = "", ...images] = words;
    using engine = openGalley(places);
    const { all, amend, annotation } = flags;
    const id = await createManifestList(engine, name, images, { ...registryAccessOf(flags), all, amend });
    if (annotation.length > 0) await annotateManifestList(engine, id, { annotations: Object.fromEntries(annotation) });
    await print(id);
  },
});
