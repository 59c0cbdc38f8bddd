import { createImage, createLayer, decompress, layerChanges, openImage } from "@galley/image";

const tar = createLayer([
  { path: "etc", type: "directory" },
  { path: "etc/motd", type: "file", content: "ahoy\n" },
  { path: "etc/.wh.issue", type: "file" },
]);
const image = await createImage({ layers: [{ tar, compression: "zstd" }], config: { Cmd: ["cat", "/etc/motd"] } });

const { config, layers } = await openImage(image.content, image.descriptor);
console.log(config.config?.Cmd, layers[0]?.chainId);

const blob = await image.content.fetch(image.layers[0] ?? image.descriptor);
for await (const batch of layerChanges(decompress(blob)))
  for (const change of batch) if ("path" in change) console.log(change.type, change.path);
