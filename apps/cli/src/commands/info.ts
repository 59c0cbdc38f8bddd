import { engineInfo } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";
import { yaml } from "../output/yaml.ts";

export const command = defineCommand({
  usage: "",
  description: "Prints what the engine knows of the host, of its store and of itself.",
  example: "galley info --format json",
  flags: { format: { ...formatFlag(), short: "f" } },
  async run({ flags, places }) {
    using engine = openGalley(places);
    const info = await engineInfo(engine);
    await print(flags.format === "json" ? json(info, 2) : yaml(info));
  },
});
