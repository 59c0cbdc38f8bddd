import type { HistoryEntry } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { findImageEntry } from "./find-image.ts";
import { layerBytes } from "./image-record.ts";

/** One step of how an image came about. */
export interface ImageHistoryEntry {
  /** The image's id for the last step; the others' are not known. */
  readonly id?: string;
  /** The image's names, for the last step. */
  readonly names: readonly string[];
  /** Milliseconds since 1970; undefined when the image does not say. */
  readonly createdAtMs?: number;
  readonly createdBy: string;
  readonly comment: string;
  /** Bytes of the layer that the step made, 0 where it made none. */
  readonly sizeBytes: number;
}

/**
 * How an image came about, the last step first, as its configuration tells it (OCI image spec, "history"). Layers that the
 * history does not account for are steps without words, so that no byte is missing.
 *
 * @throws not-found engine.image-unknown
 *
 * @example
 * for (const { createdBy, sizeBytes } of imageHistory(engine, "alpine")) console.log(sizeBytes, createdBy);
 */
export function imageHistory(engine: Engine, nameOrId: string): ImageHistoryEntry[] {
  const { value: image, names } = findImageEntry(engine, nameOrId);
  const layers = image.layers.map(layerBytes);
  const told = image.history.map((entry) => ({ ...entry, sizeBytes: entry.empty_layer ? 0 : (layers.shift() ?? 0) }));
  const untold = layers.map((sizeBytes) => ({ sizeBytes }));
  return [...told, ...untold]
    .toReversed()
    .map((entry, index) => describe(entry, index === 0 ? { id: image.id, names } : undefined));
}

type Told = Partial<HistoryEntry> & { readonly sizeBytes: number };

function describe(
  entry: Told,
  top: { readonly id: string; readonly names: readonly string[] } | undefined,
): ImageHistoryEntry {
  const moment = Date.parse(entry.created ?? "");
  return {
    ...(top ? { id: top.id } : {}),
    names: top?.names ?? [],
    ...(Number.isNaN(moment) ? {} : { createdAtMs: moment }),
    createdBy: entry.created_by ?? "",
    comment: entry.comment ?? "",
    sizeBytes: entry.sizeBytes,
  };
}
