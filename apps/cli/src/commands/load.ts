import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { loadImages } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { print } from "../output/print.ts";
import { pullAccessFlags } from "../registry-flags/registry-flags.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";

export const command = defineCommand({
  usage: "",
  description:
    "Brings all images of an archive into the store: a docker archive or an OCI archive, compressed or not, an OCI layout, or a directory as skopeo writes it.",
  example: "galley load -i images.tar",
  needsRoot: true,
  flags: {
    input: value("PATH", "Read this instead of standard input", text, { short: "i" }),
    ...progressFlags,
    "signature-policy": pullAccessFlags["signature-policy"],
  },
  async run({ flags, places }) {
    const from = flags.input ?? standardInput();
    const signaturePolicyPath = flags["signature-policy"];
    const policy = signaturePolicyPath === undefined ? {} : { signaturePolicyPath };
    using engine = openGalley(places);
    const loaded = await withDisplay(progressOf(flags), (shown) => loadImages(engine, from, { ...shown, ...policy }));
    const lines = loaded.flatMap(({ image, names }) => (names.length > 0 ? names : [`sha256:${image.id}`]));
    await print(lines.map((name) => `Loaded image: ${name}`).join("\n"));
  },
});

/** A file that the shell has opened is read in place. */
function standardInput(): string | AsyncIterable<Uint8Array> {
  if (isatty(0)) throw badValue("cannot read from terminal, use command-line redirection or the --input flag");
  return fstatSync(0).isFile() ? "/proc/self/fd/0" : process.stdin;
}
