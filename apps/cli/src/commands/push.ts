import { writeFile } from "node:fs/promises";
import { pushImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, toggle, value } from "../flags/flag.ts";
import { unsupportedFlag } from "../flags/unsupported-flag.ts";
import { registryAccessOf, registryFlags } from "../registry-flags/registry-flags.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";
import { parseCompression, parseLevel, parseManifestFormat } from "../values/parse-image-form.ts";

export const command = defineCommand({
  usage: "IMAGE [DESTINATION]",
  description:
    "Pushes an image to a registry, under its own name or another, or into oci:PATH[:NAME], oci-archive:PATH[:NAME], docker-archive:PATH[:NAME] or dir:PATH.",
  example: "galley push localhost:5000/app:1",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: {
    format: value("FORMAT", "Push a manifest of this type: oci, v2s2 (as it is)", parseManifestFormat, { short: "f" }),
    "compression-format": value(
      "NAME",
      "Compress layers anew that have another one: gzip, zstd (as they are)",
      parseCompression,
    ),
    "compression-level": value("NUMBER", "With gzip 1 to 9 (6), with zstd 1 to 19 (3)", parseLevel),
    digestfile: value("PATH", "Write the digest of what was pushed into a file", text),
    ...progressFlags,
    ...registryFlags,
    compress: toggle("Compress layers with gzip for dir:"),
    "force-compression": toggle("Nothing: layers always get the compression asked for", { hidden: true }),
    "disable-content-trust": toggle("Nothing; for docker's sake", { hidden: true }),
    "remove-signatures": toggle("Nothing: signatures are not kept", { hidden: true }),
    "sign-by": unsupportedFlag("signing images is"),
    "sign-by-sigstore": unsupportedFlag("signing images is"),
    "sign-by-sigstore-private-key": unsupportedFlag("signing images is"),
    "sign-passphrase-file": unsupportedFlag("signing images is"),
    "encryption-key": unsupportedFlag("encrypting images is"),
    "encrypt-layer": unsupportedFlag("encrypting images is"),
  },
  async run({ flags, words, places }) {
    const [image = "", destination] = words;
    using engine = openGalley(places);
    const compression = flags["compression-format"] ?? (flags.compress ? ("gzip" as const) : undefined);
    const { digest } = await withDisplay(progressOf(flags), (shown) =>
      pushImage(engine, image, {
        ...registryAccessOf(flags),
        ...{ destination, format: flags.format, compression, compressionLevel: flags["compression-level"] },
        ...shown,
      }),
    );
    if (flags.digestfile !== undefined) await writeFile(flags.digestfile, digest);
  },
});
