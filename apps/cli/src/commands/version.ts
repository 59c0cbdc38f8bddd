import { engineVersion } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";
import { ownVersion } from "../own-version.ts";

export const command = defineCommand({
  usage: "",
  description: "Prints the versions of this program and of what it runs on.",
  example: "galley version",
  flags: { format: { ...formatFlag(), short: "f" } },
  run({ flags }) {
    const version = ownVersion();
    const client = {
      APIVersion: engineVersion.version,
      Version: version,
      NodeVersion: process.version,
      OsArch: osArch(),
      Os: process.platform,
    };
    if (flags.format === "json") return print(json({ Client: client }));
    return print(
      [
        ["Client:", "Galley"],
        ["Version:", version],
        ["Engine Version:", engineVersion.version],
        ["Node Version:", process.version],
        ["OS/Arch:", osArch()],
      ]
        .map(([name = "", text]) => `${name.padEnd(17)}${text}`)
        .join("\n"),
    );
  },
});

function osArch(): string {
  return `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`;
}
