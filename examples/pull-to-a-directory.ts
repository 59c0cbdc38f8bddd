import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { copyImage, createImage, createLayer, openLayout } from "@galley/image";
import { layoutFiles } from "@galley/image/node";
import { openRepository } from "@galley/registry";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";

// A registry of our own with an image in it; `openRepository("docker.io/library/alpine")` needs none of this.
await using server = await serveRegistry({ store: createMemoryStore() });
await using repository = openRepository(`${server.address}/team/app`);
const image = await createImage({
  layers: [{ tar: createLayer([{ path: "motd", type: "file", content: "ahoy\n" }]) }],
});
await repository.tag("latest", await copyImage(image.descriptor, image.content, repository));

// The pull: every blob is verified on its way, and what is in the directory already is not fetched again.
const directory = await mkdtemp(`${tmpdir()}/galley-example-`);
const layout = openLayout(layoutFiles(directory));
const root = await repository.resolve("latest");
const manifest = await copyImage(root, repository, layout, {
  onProgress: ({ descriptor, state, bytes }) => console.log(state, descriptor.digest.slice(0, 19), bytes),
});
await layout.tag("latest", manifest);
console.log(`skopeo inspect oci:${directory}:latest`);
