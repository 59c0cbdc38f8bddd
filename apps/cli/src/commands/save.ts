import { isatty } from "node:tty";
import { type ArchiveTarget, imageExists, saveImages } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, toggle, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { writeAll } from "../output/print.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";

const formats = ["docker-archive", "oci-archive", "docker-dir", "oci-dir"] as const;

export const command = defineCommand({
  usage: "IMAGE [IMAGE...]",
  description:
    "Writes images into an archive that other engines load, or into a directory. A further name that no image has becomes one more name of the first image.",
  example: "galley save -o images.tar docker.io/library/alpine",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    output: value("PATH", "Write here instead of to standard output", text, { short: "o" }),
    format: value("FORMAT", "docker-archive, oci-archive, docker-dir or oci-dir (docker-archive)", parseFormat),
    "multi-image-archive": toggle("Take every further name for an image's", { short: "m" }),
    compress: toggle("Compress layers with gzip in a directory"),
    ...progressFlags,
    uncompressed: toggle("Do not compress layers in OCI forms"),
  },
  async run({ flags, words, places }) {
    const { format = "docker-archive", output } = flags;
    if (flags.compress && !format.endsWith("-dir"))
      throw badValue("--compress can only be set when --format is oci-dir or docker-dir");
    const target = targetOf(output);
    using engine = openGalley(places);
    const multiple = flags["multi-image-archive"];
    const [first = "", ...others] = words;
    const isName = (name: string): boolean => !multiple && !imageExists(engine, name);
    const images = [first, ...others.filter((name) => !isName(name))];
    const compression = flags.compress ? ("gzip" as const) : flags.uncompressed ? ("none" as const) : undefined;
    await withDisplay(progressOf(flags), (shown) =>
      saveImages(engine, images, target, { format, additionalNames: others.filter(isName), compression, ...shown }),
    );
  },
});

function targetOf(output: string | undefined): ArchiveTarget {
  if (output !== undefined) return output;
  if (isatty(1)) throw badValue("refusing to save to terminal. Use -o flag or redirect");
  return async (content) => {
    for await (const chunk of content) await writeAll(1, chunk);
  };
}

function parseFormat(given: string): (typeof formats)[number] {
  const known = formats.find((format) => format === given);
  if (known) return known;
  throw badValue(`unknown format ${JSON.stringify(given)}: it can be ${formats.join(", ")}`);
}
