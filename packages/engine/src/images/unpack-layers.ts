import { decompress, type ImageView, layerSteps, measured } from "@galley/image";
import { type Descriptor, type Digest, digestAlgorithm, galleyError, wrapError } from "@galley/spec";
import { applyLayer } from "@galley/storage";
import type { Engine } from "../engine.ts";
import type { PullProgress } from "./store-image.ts";

/** What unpacking waits for and tells. */
export interface UnpackOptions {
  /** Resolves when a layer's blob is in the store. */
  readonly arrived: (layer: Descriptor) => Promise<void>;
  readonly onProgress: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal;
}

type Layer = ImageView["layers"][number];

/** Unpacks an image's layers, the lowest first, each as soon as its blob is there. Layers that are unpacked already stay. */
export async function unpackLayers(engine: Engine, image: ImageView, options: UnpackOptions): Promise<void> {
  let parent: Digest | undefined;
  for (const layer of image.layers) {
    await options.arrived(layer.descriptor);
    await unpackLayer(engine, layer, parent, options);
    parent = layer.chainId;
  }
}

async function unpackLayer(
  engine: Engine,
  layer: Layer,
  parent: Digest | undefined,
  options: UnpackOptions,
): Promise<void> {
  const { digest, size } = layer.descriptor;
  const tell = (state: PullProgress["state"]): void => {
    options.onProgress?.({ digest, kind: "layer", state, doneBytes: size, totalBytes: size });
  };
  const waits = options.signal ? { signal: options.signal } : {};
  await using staging = await engine.storage.layers.prepare(layer.chainId, { parent, ...waits });
  if (staging) {
    tell("unpacking");
    try {
      await fill(engine, layer, staging.hostPath, waits);
    } catch (error) {
      throw wrapError(`unpack layer ${digest}`, error);
    }
    await staging.commit({ diffId: layer.diffId });
  }
  tell("done");
}

/** The archive's digest is known at its end: a layer that is not the one named is never committed. */
async function fill(engine: Engine, layer: Layer, hostPath: string, waits: { signal?: AbortSignal }): Promise<void> {
  const blob = await engine.storage.content.fetch(layer.descriptor, waits);
  const tar = measured(decompress(blob, waits), digestAlgorithm(layer.diffId));
  await applyLayer(hostPath, (root) => layerSteps(tar.content, { root }), { perform: engine.ports.perform, ...waits });
  const found = tar.digest();
  if (found !== layer.diffId) {
    throw galleyError(
      "corrupt",
      "engine.diff-id",
      `its archive has the digest ${found}, the image's configuration says ${layer.diffId}`,
    );
  }
}
