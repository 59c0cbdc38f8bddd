import { checkSystem, type SystemProblem } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { humanSize } from "../output/human.ts";
import { print, printError } from "../output/print.ts";

export const command = defineCommand({
  usage: "",
  description:
    "Looks for damage in the store: records, blobs, unpacked layers, containers. Says with 1 that some is left. Nothing else should run while it mends.",
  example: "galley system check --repair",
  needsRoot: true,
  flags: {
    quick: toggle("Look whether everything is there, but do not read it", { short: "q" }),
    repair: toggle("Mend what can be mended without a loss", { short: "r" }),
    "repair-lossy": toggle("Mend, and remove what cannot be mended: images, and containers made from them", {
      short: "L",
      aliases: ["force"],
    }),
    format: formatFlag(),
  },
  async run({ flags, places }) {
    using engine = openGalley(places);
    const options = { quick: flags.quick, repair: flags.repair, repairLossy: flags["repair-lossy"] };
    const problems: SystemProblem[] = [];
    for await (const problem of checkSystem(engine, options)) {
      problems.push(problem);
      if (flags.format !== "json" && !isPlentiful(problem)) await print(line(problem));
    }
    if (flags.format === "json") await print(json(problems));
    else await printUnneeded(problems);
    if (!problems.some(isDamage)) return 0;
    printError(`Error: damage detected in ${places.root}${flags.repair ? "" : ": --repair mends what can be mended"}`);
    return 1;
  },
});

function isDamage({ harmless, mended }: SystemProblem): boolean {
  return !harmless && mended === undefined;
}

/** What only takes room is counted, not listed. */
function isPlentiful({ object, harmless }: SystemProblem): boolean {
  return harmless === "unneeded" && (object === "blob" || object === "layer");
}

function line({ object, id, problem, mended }: SystemProblem): string {
  return `${object} ${id} ${problem}${mended === undefined ? "" : `: ${mended}`}`;
}

function printUnneeded(problems: readonly SystemProblem[]): void | Promise<void> {
  const unneeded = problems.filter(isPlentiful);
  if (unneeded.length === 0) return;
  const bytes = unneeded.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const gone = unneeded.every(({ mended }) => mended !== undefined);
  const what = `${unneeded.length} blobs and layers, ${humanSize(bytes)}`;
  return print(
    gone ? `Removed what nothing needed: ${what}` : `Needed by nothing: ${what}; galley system prune removes them`,
  );
}
