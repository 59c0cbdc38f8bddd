import type { PruneContainersOptions } from "@galley/engine";
import { labelFilter, moment } from "./image-filters.ts";
import { checkFilterKeys, type Filter, filterValues } from "./parse-filter.ts";

/** Turns `--filter` texts for pruning containers into what the engine takes. */
export function pruneFilters(filters: readonly Filter[], nowMs: number): PruneContainersOptions {
  checkFilterKeys(filters, ["label", "label!", "until"]);
  const untilMs = moment(filterValues(filters, "until").at(-1), nowMs);
  return {
    labels: filterValues(filters, "label").map(labelFilter),
    notLabels: filterValues(filters, "label!").map(labelFilter),
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}
