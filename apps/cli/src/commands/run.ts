import { type CreateContainerOptions, type Engine, killContainer, runContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { type CidFile, openCidFile } from "../container-flags/cidfile.ts";
import { createOptions } from "../container-flags/create-options.ts";
import { runFlags } from "../container-flags/run-flags.ts";
import { ensureImage } from "../ensure-image.ts";
import { openForeground } from "../foreground/foreground.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "IMAGE [COMMAND [ARG...]]",
  description:
    "Runs a command in a new container and ends with its exit code. Without --network the container gets no network; networks of its own come later.",
  example: "galley run --rm -it docker.io/library/alpine sh",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  stopAtFirstWord: true,
  needsRoot: true,
  flags: runFlags,
  async run({ flags, words, places }) {
    const asked = createOptions(flags, words, { directory: process.cwd(), environment: process.env });
    using engine = openGalley(places);
    using cidFile = openCidFile(flags.cidfile);
    const options = { ...asked, image: await ensureImage(engine, asked.image, flags) };
    if (!flags.detach) return await runInForeground(engine, options, cidFile);
    const { id } = await runContainer(engine, options);
    cidFile?.write(id);
    await print(id);
    return 0;
  },
});

async function runInForeground(
  engine: Engine,
  options: CreateContainerOptions,
  cidFile: CidFile | undefined,
): Promise<number> {
  const { openStdin: interactive = false, terminal = false } = options.process ?? {};
  using foreground = openForeground({ interactive, terminal, proxySignals: true });
  const started = await runContainer(engine, options, foreground.start);
  cidFile?.write(started.id);
  const end = await foreground.follow(started.attachment, (name) => killContainer(engine, started.id, name));
  if (end === "detached") return 0;
  await started.finish();
  return end.code;
}
