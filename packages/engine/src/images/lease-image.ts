import type { Lease } from "@galley/storage";
import type { Engine } from "../engine.ts";
import type { ImageRecord } from "./image-record.ts";

/** Keeps an image's blobs in the store until it is disposed of, even if the image is removed meanwhile. */
export async function leaseImage(engine: Engine, { manifest, config, layers }: ImageRecord): Promise<Lease> {
  const lease = await engine.storage.leases.take();
  await lease.add(manifest.digest, config.digest, ...layers.map(({ descriptor }) => descriptor.digest));
  return lease;
}
