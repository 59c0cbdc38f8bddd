import { extractArtifact } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, value } from "../flags/flag.ts";

export const command = defineCommand({
  usage: "ARTIFACT PATH",
  description: "Writes the files of an artifact into a directory under their titles, or one of them to any path.",
  example: "galley artifact extract registry.example.com/team/sbom:1 .",
  atLeast: 2,
  atMost: 2,
  needsRoot: true,
  flags: {
    digest: value("DIGEST", "Take only the file with this digest", text),
    title: value("TITLE", "Take only the file with this title", text),
  },
  async run({ flags, words, places }) {
    const [name = "", target = ""] = words;
    using engine = openGalley(places);
    await extractArtifact(engine, name, target, flags);
  },
});
