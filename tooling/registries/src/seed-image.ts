import { randomBytes } from "node:crypto";
import type { RegistryStore } from "@galley/registry-server";
import { type Descriptor, digestOf, mediaTypes } from "@galley/spec";

/** An image that is in a registry. */
export interface SeededImage {
  readonly manifest: Descriptor;
  readonly config: Descriptor;
  readonly layer: Descriptor;
  readonly layerBytes: Uint8Array;
}

/** Puts an image of one layer of random bytes into a registry's store, past its doors. */
export async function seedImage(store: RegistryStore, repository: string, tag: string): Promise<SeededImage> {
  const layerBytes = randomBytes(5000);
  const platform = { os: "linux", architecture: "amd64" };
  const rootfs = { type: "layers", diff_ids: [digestOf(layerBytes)] };
  const put = async (mediaType: string, bytes: Uint8Array): Promise<Descriptor> => {
    const staged = await store.blobs.stage(repository);
    await staged.write(bytes);
    await staged.commit(digestOf(bytes));
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  };
  const config = await put(mediaTypes.imageConfig, Buffer.from(JSON.stringify({ ...platform, config: {}, rootfs })));
  const layer = await put(mediaTypes.layerTar, layerBytes);
  const document = { schemaVersion: 2, mediaType: mediaTypes.imageManifest, config, layers: [layer] };
  const bytes = Buffer.from(JSON.stringify(document));
  const manifest = { mediaType: mediaTypes.imageManifest, digest: digestOf(bytes), size: bytes.byteLength };
  await store.manifests.put(repository, manifest.digest, { mediaType: manifest.mediaType, bytes });
  await store.tags.put(repository, tag, manifest.digest);
  return { manifest, config, layer, layerBytes };
}
