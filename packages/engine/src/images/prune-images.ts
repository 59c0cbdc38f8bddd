import { reclaimContainers } from "../containers/reclaim-containers.ts";
import type { Engine } from "../engine.ts";
import { mountedIds } from "../mounts/mount-record.ts";
import { collectImages } from "./collect-images.ts";
import { type ImageFilters, imageFilter, isDangling } from "./image-filters.ts";
import { imageRecords } from "./image-record.ts";
import { imageIdsInUse } from "./images-in-use.ts";
import { type ImageSummary, listImages } from "./list-images.ts";

/** Which images to prune. */
export interface PruneImagesOptions {
  /** All that no container was made from and that are not mounted, instead of those without a name. */
  readonly all?: boolean;
  /** Of those, only the ones for which all of this holds. */
  readonly filters?: ImageFilters;
}

/** What was pruned. */
export interface PrunedImages {
  readonly deleted: readonly ImageSummary[];
  /** Bytes of the blobs that went; those of unpacked layers come on top and are not counted. */
  readonly freedBytes: number;
}

/**
 * Removes images that nobody needs, then every blob and layer that nothing names any more, left-overs of broken-off pulls
 * included. Needs no free space.
 *
 * @example
 * const { deleted } = await pruneImages(engine, { all: true });
 */
export async function pruneImages(engine: Engine, options: PruneImagesOptions = {}): Promise<PrunedImages> {
  await reclaimContainers(engine); // one that was to be gone by now keeps no image
  const chosen = imageFilter(engine, options.filters ?? {});
  const useless = (): ImageSummary[] => {
    const used = new Set([...imageIdsInUse(engine), ...mountedIds(engine, "image")]);
    return listImages(engine)
      .filter((image) => !used.has(image.id) && (options.all || isDangling(image)))
      .filter(chosen);
  };
  const deleted = useless().length === 0 ? [] : removeRecords(engine, useless);
  const { freedBytes } = await collectImages(engine);
  const { storage } = engine;
  await storage.reclaim();
  return { deleted, freedBytes: freedBytes + (await storage.content.discardPartial()) };
}

/** Looks once more within the transaction: containers may be made meanwhile. */
function removeRecords(engine: Engine, useless: () => ImageSummary[]): ImageSummary[] {
  return engine.storage.records.transaction(
    () => {
      const chosen = useless();
      for (const { id } of chosen) imageRecords(engine).delete(id);
      return chosen;
    },
    { durable: true, removes: true },
  );
}
