import { addArtifact } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { list, text, toggle, value } from "../flags/flag.ts";
import { print } from "../output/print.ts";
import { parseLabel } from "../values/parse-label.ts";

export const command = defineCommand({
  usage: "NAME FILE [FILE...]",
  description: "Makes an OCI artifact of files and prints its digest. The name says the registry, or localhost/.",
  example: "galley artifact add --type text/spdx example.com/team/sbom:1 sbom.spdx",
  atLeast: 2,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    annotation: list("KEY=VALUE", "Set an annotation of the artifact", parseLabel),
    append: toggle("Put the files behind those of the artifact that has the name", { short: "a" }),
    "file-type": value("TYPE", "Say that the files are of this media type", text),
    replace: toggle("Take the place of the artifact that has the name"),
    type: value("TYPE", "Say that the artifact is of this media type", text),
  },
  async run({ flags, words, places }) {
    const [name = "", ...files] = words;
    using engine = openGalley(places);
    const { annotation, append, replace, type } = flags;
    const annotations = annotation.length > 0 ? Object.fromEntries(annotation) : undefined;
    await print(
      await addArtifact(engine, name, files, { annotations, append, replace, type, fileType: flags["file-type"] }),
    );
  },
});
