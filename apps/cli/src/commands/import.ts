import { isatty } from "node:tty";
import { importImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { list, text, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { print } from "../output/print.ts";
import { platformFlags, platformFrom } from "../platform-flags/platform-flags.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";

const { arch, os, variant } = platformFlags;

export const command = defineCommand({
  usage: "PATH|URL|- [NAME]",
  description:
    "Makes an image with one layer of the file tree in a tar archive, compressed with gzip or zstd or not at all, and prints its id. A - stands for standard input.",
  example: "galley import -c CMD=sh rootfs.tar.gz localhost/base:1",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: {
    change: list("INSTRUCTION", "Apply an instruction such as CMD, ENTRYPOINT, ENV, LABEL, USER", text, { short: "c" }),
    message: value("TEXT", "Say this in the image's history", text, { short: "m" }),
    ...{ arch, os, variant },
    ...progressFlags,
  },
  async run({ flags, words, places }) {
    const [path = "", name] = words;
    using engine = openGalley(places);
    const image = await withDisplay(progressOf(flags), (shown) =>
      importImage(engine, path === "-" ? standardInput() : path, {
        name,
        changes: flags.change,
        message: flags.message,
        platform: platformFrom(flags),
        ...shown,
      }),
    );
    await print(`sha256:${image.id}`);
  },
});

function standardInput(): AsyncIterable<Uint8Array> {
  if (isatty(0)) throw badValue("cannot read from terminal, use command-line redirection or a path");
  return process.stdin;
}
