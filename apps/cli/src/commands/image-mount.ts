import { listImages, listMountedImages, type MountedImage, mountImage } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { formatFlag, json } from "../output/format-flag.ts";
import { print } from "../output/print.ts";
import { table } from "../output/table.ts";

export const command = defineCommand({
  usage: "[IMAGE...]",
  description:
    "Mounts images' files on the host, read-only, and prints where. Each call is one use, which unmount gives up. Without an image, lists those that are mounted.",
  example: "galley image mount docker.io/library/alpine",
  atMost: Number.POSITIVE_INFINITY,
  needsRoot: true,
  flags: { all: toggle("Mount all images", { short: "a" }), format: formatFlag() },
  async run({ flags, words, places }) {
    using engine = openGalley(places);
    const names = flags.all ? listImages(engine).map(({ id }) => id) : words;
    const paths: string[] = [];
    for (const name of names) paths.push(await mountImage(engine, name));
    const [only] = paths;
    if (only !== undefined && paths.length === 1 && flags.format !== "json") return print(only);
    const asked = (each: MountedImage): boolean => paths.length === 0 || paths.includes(each.hostPath);
    const mounted = listMountedImages(engine).filter(asked);
    if (flags.format === "json") return print(json(mounted.map(mountedJson)));
    const rows = mounted.map(({ image, names: all, hostPath }) => [all[0] ?? image.id, hostPath]);
    if (rows.length > 0) await print(table(rows));
  },
});

function mountedJson({ image, names, hostPath }: MountedImage): object {
  return { id: image.id, Names: [image.manifest.digest], Repositories: names, mountpoint: hostPath };
}
