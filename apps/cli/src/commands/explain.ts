import { explainRun } from "@galley/engine";
import { explain, explainData } from "@galley/plan";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { createOptions } from "../container-flags/create-options.ts";
import { runFlags } from "../container-flags/run-flags.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { usageError } from "../flags/usage-error.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "run [RUN OPTIONS] IMAGE [COMMAND [ARG...]]",
  description:
    "Prints every step that a run would take, and which package asked for it. Performs nothing, needs no root and no image. Takes the options of galley run.",
  example: "galley explain run -m 64m --cap-drop all docker.io/library/alpine sh",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  stopAtFirstWord: true,
  flags: { format: formatFlag() },
  async run({ flags, words, places }) {
    const [verb = "", ...args] = words;
    if (verb !== "run") throw usageError(`only run can be explained, not ${JSON.stringify(verb)}`);
    const given = parseFlags({ ...runFlags, format: formatFlag() }, args, { stopAtFirstWord: true });
    if (given.words.length === 0) throw usageError("requires an image");
    const options = createOptions(given.flags, given.words, { directory: process.cwd(), environment: process.env });
    using engine = openGalley(places);
    const { plan, notes } = await explainRun(engine, options);
    if ((given.flags.format ?? flags.format) === "json")
      return print(json({ title: plan.title, notes, lanes: explainData(plan) }, 2));
    return print([plan.title, ...notes.map((note) => `note: ${note}`), "", explain(plan)].join("\n"));
  },
});
