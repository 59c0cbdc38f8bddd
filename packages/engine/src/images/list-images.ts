import type { Engine } from "../engine.ts";
import { type ImageRecord, imageRecords } from "./image-record.ts";

/** An image as a list shows it. */
export interface ImageSummary extends ImageRecord {
  /** Its references in canonical form, sorted. */
  readonly names: readonly string[];
}

/**
 * All images, the newest first. `imageFilter` takes some of them.
 *
 * @example
 * for (const { id, names, sizeBytes } of listImages(engine)) console.log(id.slice(0, 12), names.join(" "), sizeBytes);
 */
export function listImages(engine: Engine): ImageSummary[] {
  return imageRecords(engine)
    .list()
    .map(({ value, names }) => ({ ...value, names }))
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
}
