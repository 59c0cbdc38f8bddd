import { copyImage, createImage, createLayer, decompress, layerChanges, openImage } from "@galley/image";
import { openRepository, verified } from "@galley/registry";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";

// A registry of our own with an image in it.
await using server = await serveRegistry({ store: createMemoryStore() });
await using repository = openRepository(`${server.address}/team/app`);
const files = [
  { path: "etc", type: "directory" },
  { path: "etc/motd", type: "file", content: "ahoy\n" },
  { path: "etc/.wh.issue", type: "file" },
] as const;
const image = await createImage({ layers: [{ tar: createLayer(files), compression: "zstd" }] });
await repository.tag("latest", await copyImage(image.descriptor, image.content, repository));

// The listing: straight from the registry, nothing is written anywhere.
const { layers } = await openImage(repository, await repository.resolve("latest"));
for (const { descriptor } of layers)
  for await (const batch of layerChanges(decompress(verified(descriptor, await repository.fetch(descriptor)))))
    for (const change of batch) if ("path" in change) console.log(change.type, change.path);
