import { type Engine, findContainer, killContainer, startContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { usageError } from "../flags/usage-error.ts";
import { forEach } from "../for-each.ts";
import { openForeground } from "../foreground/foreground.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  description:
    "Starts containers that are created or have ended, and prints what was given. With -a it ends with the container's exit code.",
  example: "galley start -a web",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    attach: toggle("Show what the container writes and hand signals on", { short: "a" }),
    interactive: toggle("Hand standard input on, to a container created with -i", { short: "i" }),
  },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    const attached = flags.attach || flags.interactive;
    if (attached && words.length > 1) throw usageError("you cannot start and attach multiple containers at once");
    if (attached) return await startAttached(engine, words[0] ?? "", flags.interactive);
    return await forEach(words, {}, async (name) => {
      await startContainer(engine, name);
      await print(name);
    });
  },
});

async function startAttached(engine: Engine, name: string, wantsInput: boolean): Promise<number> {
  const { openStdin = false, terminal = false } = findContainer(engine, name).options.process ?? {};
  using foreground = openForeground({ interactive: wantsInput && openStdin, terminal, proxySignals: true });
  const started = await startContainer(engine, name, foreground.start);
  const end = await foreground.follow(started.attachment, (signal) => killContainer(engine, started.id, signal));
  if (end === "detached") return 0;
  await started.finish();
  return end.code;
}
