import { rmSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { isatty } from "node:tty";
import { exportContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { text, value } from "../flags/flag.ts";
import { badValue } from "../flags/usage-error.ts";
import { writeAll } from "../output/print.ts";

export const command = defineCommand({
  usage: "CONTAINER",
  description: "Writes a container's files as a tar archive. The same files give the same archive.",
  example: "galley export -o web.tar web",
  atLeast: 1,
  atMost: 1,
  needsRoot: true,
  flags: { output: value("PATH", "Write here instead of to standard output", text, { short: "o" }) },
  async run({ flags, words, places }) {
    const { output } = flags;
    if (output === undefined && isatty(1)) throw badValue("refusing to export to terminal. Use -o flag or redirect");
    using engine = openGalley(places);
    const archive = exportContainer(engine, words[0] ?? "");
    if (output === undefined) for await (const chunk of archive) await writeAll(1, chunk);
    else await writeOrRemove(output, archive);
  },
});

/** An archive that is cut off is no archive; a device stays where it is. */
async function writeOrRemove(path: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await writeFile(path, archive);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) rmSync(path, { force: true });
    throw error;
  }
}
