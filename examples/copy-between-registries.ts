import { copyImage, createImage, createIndex } from "@galley/image";
import { openRepository } from "@galley/registry";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";

// Two registries of our own, with an image for two platforms in the first.
await using one = await serveRegistry({ store: createMemoryStore() });
await using two = await serveRegistry({ store: createMemoryStore() });
await using from = openRepository(`${one.address}/team/app`);
await using to = openRepository(`${two.address}/mirror/app`);
const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
const images = await Promise.all(platforms.map((platform) => createImage({ layers: [], platform })));
for (const { descriptor, content } of images) await copyImage(descriptor, content, from);
const index = createIndex({ manifests: images.map(({ descriptor }) => descriptor) });
await from.push(index.descriptor, new Blob([Buffer.from(index.bytes)]).stream());
await from.tag("latest", index.descriptor);

// The copy: every platform, several blobs at a time, the index last, so that it never names what is not there.
const root = await from.resolve("latest");
await copyImage(root, from, to, { all: true, concurrency: 8 });
await to.tag("latest", root);
console.log((await to.resolve("latest")).digest === root.digest);
