import { copyImage, createImage, createLayer, mutateImage, openImage, parseChange } from "@galley/image";
import { openRepository } from "@galley/registry";
import { createMemoryStore, serveRegistry } from "@galley/registry-server";

// A registry of our own with an image in it.
await using server = await serveRegistry({ store: createMemoryStore() });
await using repository = openRepository(`${server.address}/team/app`);
const base = await createImage({ layers: [], config: { Cmd: ["sh"], Env: ["PATH=/bin"] } });
await repository.tag("latest", await copyImage(base.descriptor, base.content, repository));

// The mutation: a layer on top, another entrypoint. Nothing is unpacked, and only what is new is pushed.
const program = { path: "bin/hello", type: "file", mode: 0o755, content: "#!/bin/sh\necho hello\n" } as const;
const changed = await mutateImage(await repository.resolve("latest"), repository, {
  appendLayers: [{ tar: createLayer([{ path: "bin", type: "directory" }, program]) }],
  changes: [parseChange('ENTRYPOINT ["/bin/hello"]'), parseChange("LABEL example=mutate-and-push")],
});
await repository.tag("hello", await copyImage(changed.descriptor, changed.content, repository));

const { config, layers } = await openImage(repository, await repository.resolve("hello"));
console.log(config.config?.Entrypoint, config.config?.Env, layers.length);
