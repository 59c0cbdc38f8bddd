import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Descriptor, digestHex, digestOf, mediaTypes } from "@galley/spec";

/**
 * Writes a directory in OCI image layout with one image for each architecture, as other programs read it. With one
 * architecture the tag names the image itself, otherwise an index.
 */
export async function writeOciLayout(directory: string, architectures: readonly string[]): Promise<void> {
  await mkdir(join(directory, "blobs/sha256"), { recursive: true });
  const images: Descriptor[] = [];
  for (const architecture of architectures) images.push(await writeImage(directory, architecture));
  const [first] = images;
  const index = { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests: images };
  const top = images.length === 1 && first ? first : await writeBlob(directory, mediaTypes.imageIndex, json(index));
  const named = { ...top, annotations: { "org.opencontainers.image.ref.name": "v1" } };
  await writeFile(join(directory, "index.json"), json({ schemaVersion: 2, manifests: [named] }));
  await writeFile(join(directory, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
}

async function writeImage(directory: string, architecture: string): Promise<Descriptor> {
  // Two zero blocks are an empty tar; what follows the end of an archive does not count.
  const tar = Buffer.concat([Buffer.alloc(1024), Buffer.from(architecture.repeat(20_000))]);
  const layer = await writeBlob(directory, mediaTypes.layerTarGzip, gzipSync(tar));
  const platform = { os: "linux", architecture };
  const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
  const config = await writeBlob(directory, mediaTypes.imageConfig, json({ ...platform, config: {}, rootfs }));
  const manifest = { schemaVersion: 2, mediaType: mediaTypes.imageManifest, config, layers: [layer] };
  return { ...(await writeBlob(directory, mediaTypes.imageManifest, json(manifest))), platform };
}

async function writeBlob(directory: string, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
  const digest = digestOf(bytes);
  await writeFile(join(directory, "blobs/sha256", digestHex(digest)), bytes);
  return { mediaType, digest, size: bytes.byteLength };
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
