import type { Digest } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import { imageRecords, layerBytes } from "./image-record.ts";

/** One layer in a tree of them. */
export interface ImageTreeLayer {
  readonly chainId: Digest;
  readonly sizeBytes: number;
  /** Names of the images whose topmost layer it is; an image without a name appears by its id. */
  readonly topOf: readonly string[];
  /** Layers that lie on this one. */
  readonly children: readonly ImageTreeLayer[];
}

/** An image and its layers. */
export interface ImageTree {
  readonly id: string;
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** The lowest layer, from which the others hang; undefined for an image without layers. */
  readonly base: ImageTreeLayer | undefined;
}

/**
 * The layers of an image as a tree: its own, one on the other, or with `dependents` all that lies on its topmost one.
 *
 * @throws not-found engine.image-unknown
 *
 * @example
 * const { base } = imageTree(engine, "alpine");
 */
export function imageTree(
  engine: Engine,
  nameOrId: string,
  options: { readonly dependents?: boolean } = {},
): ImageTree {
  const { value: image, names } = findImageEntry(engine, nameOrId);
  const known = knownLayers(engine);
  const chain = image.layers.map(({ chainId }) => chainId);
  const top = chain.at(-1);
  const base = options.dependents ? top && grown(top, known) : single(chain, known);
  const sizeBytes = image.layers.reduce((sum, layer) => sum + layerBytes(layer), 0);
  return { id: image.id, names, sizeBytes, base };
}

interface KnownLayer {
  readonly sizeBytes: number;
  readonly topOf: string[];
  readonly children: Set<Digest>;
}

function knownLayers(engine: Engine): Map<Digest, KnownLayer> {
  const known = new Map<Digest, KnownLayer>();
  for (const { value: image, names } of imageRecords(engine).list()) {
    let parent: KnownLayer | undefined;
    for (const layer of image.layers) {
      const here = known.get(layer.chainId) ?? { sizeBytes: layerBytes(layer), topOf: [], children: new Set<Digest>() };
      known.set(layer.chainId, here);
      parent?.children.add(layer.chainId);
      parent = here;
    }
    parent?.topOf.push(...(names.length > 0 ? names : [image.id.slice(0, 12)]));
  }
  return known;
}

function grown(chainId: Digest, known: ReadonlyMap<Digest, KnownLayer>): ImageTreeLayer {
  const { sizeBytes = 0, topOf = [], children = new Set<Digest>() } = known.get(chainId) ?? {};
  return { chainId, sizeBytes, topOf, children: [...children].map((child) => grown(child, known)) };
}

function single(chain: readonly Digest[], known: ReadonlyMap<Digest, KnownLayer>): ImageTreeLayer | undefined {
  return chain.reduceRight<ImageTreeLayer | undefined>((above, chainId) => {
    const { sizeBytes = 0, topOf = [] } = known.get(chainId) ?? {};
    return { chainId, sizeBytes, topOf, children: above ? [above] : [] };
  }, undefined);
}
