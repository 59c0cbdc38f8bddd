import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle, triState } from "../flags/flag.ts";
import { print } from "../output/print.ts";
import { pullWithProgress } from "../pull-with-progress.ts";

export const command = defineCommand({
  usage: "IMAGE [IMAGE...]",
  description: "Pulls images from a registry into the store and prints their ids.",
  example: "galley pull docker.io/library/alpine:3.22",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    quiet: toggle("Print the id only", { short: "q" }),
    "tls-verify": triState("Require HTTPS with a valid certificate, except for loopback (true)"),
  },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    for (const name of words) {
      const options = { policy: "always" as const, quiet: flags.quiet, tlsVerify: flags["tls-verify"] };
      await print((await pullWithProgress(engine, name, options)).id);
    }
  },
});
