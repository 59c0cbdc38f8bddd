import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { copyImage, createImage, createLayer } from "@galley/image";
import { createMemoryStore, type RegistryServer, type RegistryStore, serveRegistry } from "@galley/registry-server";
import { isManifestType, type Pusher } from "@galley/spec";

const repository = "probe";

/** A layer that holds nothing but the probe and some empty directories, as a tar. */
export async function probeLayer(programPath: string): Promise<Uint8Array> {
  const directories = ["dev", "etc", "proc", "run", "sys", "tmp"];
  const entries = directories.map(
    (path) => ({ path, type: "directory", mode: path === "tmp" ? 0o1777 : 0o755 }) as const,
  );
  const program = { path: "probe", type: "file", mode: 0o755, content: await readFile(programPath) } as const;
  return buffer(createLayer([...entries, program]));
}

/** Serves the layer as the image `NAME/probe:latest` on loopback. */
export async function serveProbe(layer: Uint8Array): Promise<RegistryServer & { readonly image: string }> {
  const store = createMemoryStore();
  const { descriptor, content } = await createImage({ layers: [{ tar: layer }], config: {} });
  await copyImage(descriptor, content, pusherInto(store));
  await store.tags.put(repository, "latest", descriptor.digest);
  const server = await serveRegistry({ store });
  return Object.assign(server, { image: `${server.address}/${repository}:latest` });
}

function pusherInto(store: RegistryStore): Pusher {
  return {
    async push({ mediaType, digest }, content) {
      const bytes = await buffer(content);
      if (isManifestType(mediaType)) return store.manifests.put(repository, digest, { mediaType, bytes });
      const staged = await store.blobs.stage(repository);
      await staged.write(bytes);
      await staged.commit(digest);
    },
  };
}
