import { isGalleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { hasLabel, type LabelFilter } from "../images/image-filters.ts";
import { beginRemoval } from "./begin-removal.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { eraseContainer } from "./erase-container.ts";

/** Which containers to prune: of those that do not run, the ones for which all of this holds. */
export interface PruneContainersOptions {
  readonly labels?: readonly LabelFilter[];
  readonly notLabels?: readonly LabelFilter[];
  /** Made before this moment, in milliseconds since 1970. */
  readonly untilMs?: number;
}

/** What came of it. One that could not be removed does not keep the others. */
export interface PrunedContainers {
  readonly deleted: readonly string[];
  readonly failed: readonly { readonly id: string; readonly error: Error }[];
}

/**
 * Removes the containers that neither run nor are being started.
 *
 * @example
 * const { deleted } = await pruneContainers(engine, { untilMs: Date.now() - 86_400_000 });
 */
export async function pruneContainers(engine: Engine, options: PruneContainersOptions = {}): Promise<PrunedContainers> {
  const deleted: string[] = [];
  const failed: { id: string; error: Error }[] = [];
  const chosen = containerRecords(engine)
    .list()
    .map(({ value }) => value)
    .filter((record) => isChosen(record, options));
  for (const record of chosen) {
    try {
      if (beginRemoval(engine, record.id) !== "begun") continue;
      await eraseContainer(engine, record);
      deleted.push(record.id);
    } catch (error) {
      if (!isGalleyError(error)) throw error;
      failed.push({ id: record.id, error });
    }
  }
  return { deleted, failed };
}

function isChosen(record: ContainerRecord, { labels = [], notLabels = [], untilMs }: PruneContainersOptions): boolean {
  const own = record.options.labels;
  if (untilMs !== undefined && record.createdAtMs >= untilMs) return false;
  return labels.every((label) => hasLabel(own, label)) && !notLabels.some((label) => hasLabel(own, label));
}
