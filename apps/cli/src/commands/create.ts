import { createContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { openCidFile } from "../container-flags/cidfile.ts";
import { createOptions } from "../container-flags/create-options.ts";
import { createFlags } from "../container-flags/run-flags.ts";
import { ensureImage } from "../ensure-image.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "IMAGE [COMMAND [ARG...]]",
  description: "Creates a container without starting it, and prints its id. Without --network it gets no network.",
  example: "galley create --name web -m 64m docker.io/library/alpine sleep 60",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  stopAtFirstWord: true,
  needsRoot: true,
  flags: createFlags,
  async run({ flags, words, places }) {
    const asked = createOptions(flags, words, { directory: process.cwd(), environment: process.env });
    using engine = openGalley(places);
    using cidFile = openCidFile(flags.cidfile);
    const options = { ...asked, image: await ensureImage(engine, asked.image, flags) };
    const { id } = await createContainer(engine, options);
    cidFile?.write(id);
    await print(id);
  },
});
