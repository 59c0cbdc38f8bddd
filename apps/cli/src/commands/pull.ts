import { type Engine, listRemoteTags } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle, value } from "../flags/flag.ts";
import { unsupportedFlag } from "../flags/unsupported-flag.ts";
import { print } from "../output/print.ts";
import { platformFlags, platformFrom } from "../platform-flags/platform-flags.ts";
import { type PullWithProgressOptions, pullWithProgress } from "../pull-with-progress.ts";
import { pullAccessFlags, registryAccessOf } from "../registry-flags/registry-flags.ts";
import { progressFlags, progressOf } from "../transfer-progress/progress-flags.ts";
import { parsePullPolicy } from "../values/parse-choice.ts";
import { warnOfForeignPlatform } from "../warn-of-foreign-platform.ts";

export const command = defineCommand({
  usage: "IMAGE [IMAGE...]",
  description:
    "Pulls images into the store and prints their ids: from a registry, or out of oci:PATH[:NAME], oci-archive:PATH[:NAME], docker-archive:PATH[:NAME] or dir:PATH.",
  example: "galley pull docker.io/library/alpine:3.22",
  atLeast: 1,
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    "all-tags": toggle("Pull all images of a repository", { short: "a" }),
    policy: value("WHEN", "Pull the image: always, missing, never, newer (always)", parsePullPolicy),
    ...platformFlags,
    ...progressFlags,
    ...pullAccessFlags,
    "disable-content-trust": toggle("Nothing; for docker's sake", { hidden: true }),
    "decryption-key": unsupportedFlag("encrypted images are"),
  },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    const platform = platformFrom(flags);
    const options: PullWithProgressOptions = {
      policy: flags.policy ?? "always",
      progress: progressOf(flags),
      access: registryAccessOf(flags),
      platform,
    };
    for (const name of words) {
      const names = flags["all-tags"] ? allTags(name, options) : [name];
      for await (const each of names) await pullOne(engine, each, options);
    }
  },
});

async function pullOne(engine: Engine, name: string, options: PullWithProgressOptions): Promise<void> {
  const image = await pullWithProgress(engine, name, options);
  if (!options.platform) warnOfForeignPlatform(image);
  await print(image.id);
}

async function* allTags(name: string, { access }: PullWithProgressOptions): AsyncIterable<string> {
  for await (const tag of listRemoteTags(name, access)) yield `${name}:${tag}`;
}
