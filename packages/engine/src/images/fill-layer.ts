import { decompress, defaultExpansion, type ImageView, layerSteps, measured } from "@galley/image";
import { digestAlgorithm, galleyError, wrapError } from "@galley/spec";
import { applyLayer, type LayerStaging } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { unpackFilter } from "./unpack-filter.ts";

/** What it takes to unpack a layer. */
export type LayerNames = Pick<ImageView["layers"][number], "descriptor" | "diffId" | "chainId">;

/** A layer that waits for its commit. */
export interface FilledLayer {
  /** Bytes of its archive without compression. */
  readonly archiveBytes: number;
  /** It said what its root is like. */
  readonly rootIsNamed: boolean;
}

/**
 * Unpacks a blob into a staging tree. The archive's digest is known at its end: a layer that is not the one named is never
 * committed. Nothing is flushed.
 *
 * @throws corrupt engine.diff-id; what the archive and the disk make `layerSteps` and `applyLayer` throw
 */
export async function fillLayer(
  engine: Engine,
  { layer, blob, staging }: { layer: LayerNames; blob: AsyncIterable<Uint8Array>; staging: LayerStaging },
  waits: { readonly signal?: AbortSignal },
): Promise<FilledLayer> {
  try {
    const archive = decompress(blob, { ...waits, maxExpansion: maxExpansion(engine), shortLived: true });
    const tar = measured(archive, digestAlgorithm(layer.diffId));
    const { rootIsNamed } = await applyLayer(
      staging.hostPath,
      (root, spool) => layerSteps(tar.content, { root, spool }),
      { perform: engine.ports.perform, spoolPath: staging.spoolPath, filter: unpackFilter(), ...waits },
    );
    const found = tar.digest();
    if (found !== layer.diffId) throw otherArchive(found, layer);
    return { archiveBytes: tar.sizeBytes(), rootIsNamed };
  } catch (error) {
    throw wrapError(`unpack layer ${layer.descriptor.digest}`, error);
  }
}

function maxExpansion({ settings: { layerExpansion = defaultExpansion } }: Engine) {
  return layerExpansion === "any" ? undefined : layerExpansion;
}

function otherArchive(found: string, { diffId }: LayerNames): Error {
  return galleyError(
    "corrupt",
    "engine.diff-id",
    `its archive has the digest ${found}, the image's configuration says ${diffId}`,
  );
}
