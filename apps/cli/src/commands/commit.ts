import { readFileSync, writeFileSync } from "node:fs";
import { type CommitOptions, commitContainer } from "@galley/engine";
import type { ExecutionConfig } from "@galley/spec";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { list, text, toggle, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { print } from "../output/print.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { withDisplay } from "../transfer-progress/with-display.ts";

export const command = defineCommand({
  usage: "CONTAINER [IMAGE]",
  description:
    "Makes an image of a container: its image with one more layer that holds what the container has written. Prints the image's id.",
  example: "galley commit -c USER=1000 web localhost/web:patched",
  atLeast: 1,
  atMost: 2,
  needsRoot: true,
  flags: {
    author: value("NAME", "Say who made the image", text, { short: "a" }),
    change: list("INSTRUCTION", "Apply an instruction such as CMD, ENTRYPOINT, ENV, LABEL, USER", text, { short: "c" }),
    config: value("PATH", "Take members of the configuration from a JSON file", readConfig),
    format: value("oci|docker", "Form of the manifest (oci)", parseFormat, { short: "f" }),
    iidfile: value("PATH", "Write the image's id to a file", text),
    "include-volumes": toggle("Declare the container's volumes as the image's"),
    message: value("TEXT", "Say this in the image's history (docker form only)", text, { short: "m" }),
    pause: toggle("Let the container stand still meanwhile", { short: "p" }),
    squash: toggle("Make one layer of all files", { short: "s" }),
    ...progressFlags,
  },
  async run({ flags, words, places }) {
    const [container = "", name] = words;
    using engine = openGalley(places);
    const options: CommitOptions = {
      name,
      changes: flags.change,
      config: flags.config,
      author: flags.author,
      message: flags.message,
      format: flags.format,
      squash: flags.squash,
      includeVolumes: flags["include-volumes"],
      pause: flags.pause,
    };
    const { id } = await withDisplay(progressOf(flags), (shown) =>
      commitContainer(engine, container, { ...options, ...shown }),
    );
    if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, id);
    await print(id);
  },
});

function parseFormat(given: string): "oci" | "docker" {
  if (given === "oci" || given === "docker") return given;
  throw badValue(`unrecognized image format ${JSON.stringify(given)}`);
}

/** The object that images have as `config`, or a whole configuration with it. */
function readConfig(path: string): ExecutionConfig {
  const found = parseJson(path) as { readonly config?: unknown } | null;
  const config = found?.config ?? found;
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw badValue(`${path} holds no configuration`);
  return config;
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw badValue(`read the configuration ${path}: ${(error as Error).message}`);
  }
}
