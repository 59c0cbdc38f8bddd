import { defaultLayerLimits, type LayerLimits } from "../limits.ts";
import { createTarReader } from "../tar/tar-reader.ts";
import { createChangeReader } from "./change-reader.ts";
import type { LayerChange } from "./layer-change.ts";

/** Options of `layerChanges`. */
export interface LayerChangesOptions {
  readonly limits?: Partial<LayerLimits> | undefined;
}

/**
 * Reads a layer's tar archive as changes, in batches of whatever one chunk of input held. File data is passed on
 * without copying. Stops at the first thing that is wrong:
 *
 * - invalid `image.entry-escapes`, `image.entry-name`, `image.entry-root`, `image.entry-number`, `image.entry-type`,
 *   `image.entry-xattr`, `image.overlay-mark`
 * - corrupt `image.tar`, `image.truncated`; unsupported `image.too-large`
 *
 * @example
 * for await (const batch of layerChanges(decompress(blob)))
 *   for (const change of batch) if (change.type === "file") console.log(change.path, change.sizeBytes);
 */
export async function* layerChanges(
  tar: AsyncIterable<Uint8Array>,
  options: LayerChangesOptions = {},
): AsyncIterable<LayerChange[]> {
  const limits = { ...defaultLayerLimits, ...options.limits };
  const archive = createTarReader({ maxArchiveBytes: limits.maxArchiveBytes });
  const changes = createChangeReader(limits);
  for await (const chunk of tar) {
    const batch = changes.read(archive.read(chunk));
    if (batch.length > 0) yield batch;
  }
  archive.end();
}
