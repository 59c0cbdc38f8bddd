import type { SearchImagesOptions } from "@galley/engine";
import { badValue } from "../flags/usage-error.ts";
import { parseCount } from "./parse-number.ts";

/** What search results may be filtered by. */
export type SearchFilter = Pick<SearchImagesOptions, "minStars" | "isOfficial" | "isAutomated">;

/** `stars=3`, `is-official`, `is-automated=false`. */
export function parseSearchFilter(given: string): SearchFilter {
  const [, key, value] = /^([^=]*)(?:=(.*))?$/s.exec(given) ?? [];
  if (key === "stars") return { minStars: parseCount(value ?? "") };
  if (key === "is-official") return { isOfficial: isTrue(key, value) };
  if (key === "is-automated") return { isAutomated: isTrue(key, value) };
  throw badValue(`invalid filter ${JSON.stringify(given)}: it can be stars, is-official or is-automated`);
}

/** All filters together; of two on one subject the last one counts. */
export function searchFilters(filters: readonly SearchFilter[]): SearchFilter {
  return Object.assign({}, ...filters);
}

function isTrue(key: string, value = "true"): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw badValue(`invalid value ${JSON.stringify(value)} for filter ${key}: it can be true or false`);
}
