import { writeFile } from "node:fs/promises";
import { pushArtifact } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, value } from "../flags/flag.ts";
import { unsupportedFlag } from "../flags/unsupported-flag.ts";
import { registryAccessOf, registryFlags } from "../registry-flags/registry-flags.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";

export const command = defineCommand({
  usage: "ARTIFACT",
  description: "Pushes an OCI artifact of the store to the registry that its name says.",
  example: "galley artifact push registry.example.com/team/sbom:1",
  atLeast: 1,
  atMost: 1,
  needsRoot: true,
  flags: {
    digestfile: value("PATH", "Write the digest of what was pushed into a file", text),
    ...progressFlags,
    ...registryFlags,
    "sign-by": unsupportedFlag("signing artifacts is"),
    "sign-by-sigstore": unsupportedFlag("signing artifacts is"),
    "sign-by-sigstore-private-key": unsupportedFlag("signing artifacts is"),
  },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    const { digest } = await withDisplay(progressOf(flags), (shown) =>
      pushArtifact(engine, words[0] ?? "", { ...registryAccessOf(flags), ...shown }),
    );
    if (flags.digestfile !== undefined) await writeFile(flags.digestfile, digest);
  },
});
