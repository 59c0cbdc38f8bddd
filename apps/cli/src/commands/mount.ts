import { listContainers, listMountedContainers, type MountedContainer, mountContainer } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { forEach } from "../for-each.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";
import { table } from "../output/table.ts";

export const command = defineCommand({
  usage: "[CONTAINER...]",
  description:
    "Mounts containers' files on the host and prints where. Each call is one use, which unmount gives up. Without a container, lists those that are mounted.",
  example: "galley mount web",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: {
    all: toggle("Mount all containers", { short: "a" }),
    format: formatFlag(),
    "no-trunc": toggle("Do not shorten ids"),
  },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    const names = flags.all ? listContainers(engine).map(({ id }) => id) : words;
    if (names.length > 0) return forEach(names, {}, async (name) => print(await mountContainer(engine, name)));
    const mounted = listMountedContainers(engine);
    if (flags.format === "json") await print(json(mounted.map(mountedJson)));
    else if (mounted.length > 0) {
      const shown = (id: string): string => (flags["no-trunc"] ? id : id.slice(0, 12));
      await print(table(mounted.map(({ container, hostPath }) => [shown(container.id), hostPath])));
    }
    return 0;
  },
});

function mountedJson({ container, hostPath }: MountedContainer): object {
  return { id: container.id, Names: [container.name], mountpoint: hostPath };
}
