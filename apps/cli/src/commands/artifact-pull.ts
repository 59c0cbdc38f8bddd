import { pullArtifact } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { print } from "../output/print.ts";
import { pullAccessFlags, registryAccessOf } from "../registry-flags/registry-flags.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";

export const command = defineCommand({
  usage: "ARTIFACT",
  description: "Pulls an OCI artifact from a registry into the store and prints its digest.",
  example: "galley artifact pull registry.example.com/team/sbom:1",
  atLeast: 1,
  atMost: 1,
  needsRoot: true,
  flags: { ...progressFlags, ...pullAccessFlags },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    const digest = await withDisplay(progressOf(flags), (shown) =>
      pullArtifact(engine, words[0] ?? "", { ...registryAccessOf(flags), ...shown }),
    );
    await print(digest);
  },
});
