import { buffer } from "node:stream/consumers";
import { copyImage, createImage, createLayer } from "@galley/image";
import type { RegistryStore } from "@galley/registry-server";
import { isManifestType, type Pusher } from "@galley/spec";

const repository = "hello";

/** Makes an image of one static program and puts it into a registry's store as `hello:latest`; gives its digest. */
export async function storeHelloImage(store: RegistryStore, program: Uint8Array): Promise<string> {
  const tar = createLayer([{ path: "hello", type: "file", mode: 0o755, content: program }]);
  const { descriptor, content } = await createImage({ layers: [{ tar }], config: { Entrypoint: ["/hello"] } });
  await copyImage(descriptor, content, pusherInto(store));
  await store.tags.put(repository, "latest", descriptor.digest);
  return descriptor.digest;
}

/** The registry's store as a place that images can be copied to. */
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
