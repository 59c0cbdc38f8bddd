import { createHash } from "node:crypto";
import { type Descriptor, type Digest, digestOf, mediaTypes } from "@galley/spec";

/** An image with two layers, of which the first is the one that faults are about. */
export interface SeededImage {
  readonly manifest: Descriptor;
  readonly manifestBytes: Buffer;
  readonly layer: Descriptor;
  readonly layerBytes: Buffer;
  readonly blobs: ReadonlyMap<Digest, Buffer>;
}

const layerSizeBytes = 1_000_000;

export function createImage(seed: number): SeededImage {
  const layerBytes = noise(`layer ${seed}`, layerSizeBytes + seed);
  const otherBytes = noise(`other ${seed}`, 10_000);
  const configBytes = Buffer.from('{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}');
  const layer = describe(layerBytes, mediaTypes.layerTar);
  const manifestBytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.imageManifest,
      config: describe(configBytes, mediaTypes.imageConfig),
      layers: [layer, describe(otherBytes, mediaTypes.layerTar)],
    }),
  );
  const blobs = new Map([configBytes, layerBytes, otherBytes].map((bytes) => [digestOf(bytes), bytes]));
  return { manifest: describe(manifestBytes, mediaTypes.imageManifest), manifestBytes, layer, layerBytes, blobs };
}

function describe(bytes: Buffer, mediaType: string): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
}

/** The same for the same seed. */
function noise(seed: string, sizeBytes: number): Buffer {
  return createHash("shake256", { outputLength: sizeBytes }).update(seed).digest();
}
