import { type Descriptor, digestOf, mediaTypes } from "@galley/spec";
import type { Repository } from "../repository.ts";

/** Content in pieces of some size. */
export async function* pieces(bytes: Uint8Array | string, pieceBytes = 64 * 1024): AsyncIterable<Uint8Array> {
  const all = Buffer.from(bytes);
  for (let start = 0; start < all.byteLength; start += pieceBytes) yield all.subarray(start, start + pieceBytes);
}

/** All of a stream. */
export async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}

/** A descriptor of some bytes. */
export function describe(bytes: Uint8Array | string, mediaType: string = mediaTypes.layerTar): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: Buffer.byteLength(bytes) };
}

export interface TestImage {
  readonly manifest: Descriptor;
  readonly layer: Descriptor;
  readonly text: string;
}

/** Pushes an image with one layer and tags it. */
export async function pushImage(repository: Repository, layerBytes: Uint8Array, tag = "v1"): Promise<TestImage> {
  const configText = '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}';
  const config = describe(configText, mediaTypes.imageConfig);
  const layer = describe(layerBytes);
  const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageManifest, config, layers: [layer] });
  const manifest = describe(text, mediaTypes.imageManifest);
  await repository.push(config, pieces(configText));
  await repository.push(layer, pieces(layerBytes));
  await repository.push(manifest, pieces(text));
  await repository.tag(tag, manifest);
  return { manifest, layer, text };
}
