import { writeFile } from "node:fs/promises";
import { pushManifestList, removeManifestList } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, toggle, triState, value } from "../flags/flag.ts";
import { unsupportedFlag } from "../flags/unsupported-flag.ts";
import { registryAccessOf, registryFlags } from "../registry-flags/registry-flags.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";
import { parseManifestFormat } from "../values/parse-image-form.ts";

export const command = defineCommand({
  usage: "LIST [DESTINATION]",
  description: "Pushes a manifest list and the images in it to a registry.",
  example: "galley manifest push app:1 docker://registry.example.com/app:1",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: {
    all: triState("Push the images too, not the list alone (true)"),
    format: value("FORMAT", "Push manifests of this type: oci, v2s2 (as they are)", parseManifestFormat, {
      short: "f",
    }),
    digestfile: value("PATH", "Write the digest of what was pushed into a file", text),
    rm: toggle("Remove the list when it was pushed", { short: "p", aliases: ["purge"] }),
    ...progressFlags,
    ...registryFlags,
    "remove-signatures": toggle("Nothing: signatures are not kept", { hidden: true }),
    "sign-by": unsupportedFlag("signing images is"),
    "sign-by-sigstore-private-key": unsupportedFlag("signing images is"),
    "sign-passphrase-file": unsupportedFlag("signing images is"),
  },
  async run({ flags, words, places }) {
    const [list = "", destination] = words;
    using engine = openGalley(places);
    const { all, format, digestfile } = flags;
    const { digest } = await withDisplay(progressOf(flags), (shown) =>
      pushManifestList(engine, list, { ...registryAccessOf(flags), ...shown, all, format, destination }),
    );
    if (digestfile !== undefined) await writeFile(digestfile, digest);
    if (flags.rm) await removeManifestList(engine, list);
  },
});
