import { inspectArtifact } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "ARTIFACT",
  description: "Shows an artifact's manifest.",
  example: "galley artifact inspect registry.example.com/team/sbom:1",
  atLeast: 1,
  atMost: 1,
  flags: { format: formatFlag() },
  async run({ words, places }) {
    using engine = openGalley(places);
    await print(json(await inspectArtifact(engine, words[0] ?? "")));
  },
});
