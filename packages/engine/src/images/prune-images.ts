import { reclaimContainers } from "../containers/reclaim-containers.ts";
import type { Engine } from "../engine.ts";
import { collectImages } from "./collect-images.ts";
import { type ImageFilters, imageFilter, isDangling } from "./image-filters.ts";
import { imageRecords } from "./image-record.ts";
import { imageIdsInUse } from "./images-in-use.ts";
import { type ImageSummary, listImages } from "./list-images.ts";

/** Which images to prune. */
export interface PruneImagesOptions {
  /** All that no container was made from, instead of those without a name. */
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
  const deleted = engine.storage.records.transaction(
    () => {
      const used = imageIdsInUse(engine);
      const useless = listImages(engine)
        .filter((image) => !used.has(image.id) && (options.all || isDangling(image)))
        .filter(chosen);
      for (const { id } of useless) imageRecords(engine).delete(id);
      return useless;
    },
    { durable: true },
  );
  const { freedBytes } = await collectImages(engine);
  const { storage } = engine;
  await storage.reclaim();
  return { deleted, freedBytes: freedBytes + (await storage.content.discardPartial()) };
}
