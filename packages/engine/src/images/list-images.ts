import type { Engine } from "../engine.ts";
import { type ImageFilters, imageFilter } from "./image-filters.ts";
import { type ImageRecord, imageRecords } from "./image-record.ts";

/** An image as a list shows it. */
export interface ImageSummary extends ImageRecord {
  /** Its references in canonical form, sorted. */
  readonly names: readonly string[];
}

/** Which images to list. */
export interface ListImagesOptions {
  readonly filters?: ImageFilters;
}

/**
 * All images, or those that the filters let through, the newest first.
 *
 * @example
 * for (const { id, names, sizeBytes } of listImages(engine)) console.log(id.slice(0, 12), names.join(" "), sizeBytes);
 */
export function listImages(engine: Engine, { filters }: ListImagesOptions = {}): ImageSummary[] {
  const all = imageRecords(engine)
    .list()
    .map(({ value, names }) => ({ ...value, names }))
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
  return filters ? all.filter(imageFilter(engine, filters)) : all;
}
