import { type ImageTreeLayer, imageTree } from "@galley/engine";
import { defineCommand } from "../command.ts";
import { openGalley } from "../compose.ts";
import { toggle } from "../flags/flag.ts";
import { humanSize } from "../output/human.ts";
import { print } from "../output/print.ts";

export const command = defineCommand({
  usage: "IMAGE",
  description: "Shows the layers of an image as a tree.",
  example: "galley image tree docker.io/library/alpine",
  atLeast: 1,
  atMost: 1,
  flags: {
    whatrequires: toggle("Show everything that lies on the image's topmost layer instead"),
  },
  run({ flags, words, places }) {
    using engine = openGalley(places);
    const { id, names, sizeBytes, base } = imageTree(engine, words[0] ?? "", { dependents: flags.whatrequires });
    const head = [
      `Image ID: ${id.slice(0, 12)}`,
      `Tags:     [${names.join(" ")}]`,
      `Size:     ${humanSize(sizeBytes)}`,
    ];
    if (!base) return print([...head, "No Image Layers"].join("\n"));
    const layers = flags.whatrequires ? branches([base], "") : trunk(base);
    return print([...head, "Image Layers", ...layers].join("\n"));
  },
});

/** The layers of one image lie on one another: a list says it better than ever deeper branches. */
function trunk(base: ImageTreeLayer): string[] {
  const layers: ImageTreeLayer[] = [];
  for (let layer: ImageTreeLayer | undefined = base; layer; layer = layer.children[0]) layers.push(layer);
  return layers.map((layer, index) => `${index === layers.length - 1 ? "└── " : "├── "}${line(layer)}`);
}

function branches(layers: readonly ImageTreeLayer[], indent: string): string[] {
  return layers.flatMap((layer, index) => {
    const last = index === layers.length - 1;
    return [
      `${indent}${last ? "└── " : "├── "}${line(layer)}`,
      ...branches(layer.children, `${indent}${last ? "    " : "│   "}`),
    ];
  });
}

function line({ chainId, sizeBytes, topOf }: ImageTreeLayer): string {
  const id = chainId.slice(chainId.indexOf(":") + 1).slice(0, 12);
  return `ID: ${id} Size: ${humanSize(sizeBytes)}${topOf.length > 0 ? ` Top Layer of: [${topOf.join(" ")}]` : ""}`;
}
