import { digestOf, type ExecutionConfig } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";

/** An image's record, as different ones as there are seeds. */
export function makeImage(
  seed = "image",
  execution: ExecutionConfig = { Cmd: ["sh"] },
  change: Partial<ImageRecord> = {},
): ImageRecord {
  const config = digestOf(Buffer.from(`config ${seed}`));
  const layer = digestOf(Buffer.from(`layer ${seed}`));
  const manifest = digestOf(Buffer.from(`manifest ${seed}`));
  return {
    id: config.slice("sha256:".length),
    manifest: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: manifest, size: 100 },
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: config, size: 10 },
    layers: [
      {
        descriptor: { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: layer, size: 1000 },
        diffId: layer,
        chainId: layer,
      },
    ],
    sizeBytes: 1010,
    createdAtMs: Date.parse("2026-01-02T03:04:05Z"),
    platform: { os: "linux", architecture: "amd64" },
    execution,
    history: [{ created_by: "a test", comment: "made by hand" }],
    repositoryDigests: [`docker.io/library/${seed}@${manifest}`],
    accounts: {
      passwd: "root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n",
      group: "root:x:0:\nada:x:1000:\nwheel:x:10:ada\n",
    },
    ...change,
  };
}

/** Puts an image's record into the store, named `seed` unless other names are given. */
export function putImage(
  engine: Engine,
  image: ImageRecord,
  names: readonly string[] = ["docker.io/library/image:latest"],
): ImageRecord {
  return imageRecords(engine).put(image.id, image, { names }).value;
}
