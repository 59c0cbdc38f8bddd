import type { ImageFilters, LabelFilter } from "@galley/engine";
import { badValue } from "../flags/usage-error.ts";
import { checkFilterKeys, type Filter, filterValues } from "./parse-filter.ts";
import { parseTime } from "./parse-time.ts";

const keys = [
  ...["after", "before", "containers", "dangling", "digest", "id", "intermediate"],
  ...["label", "label!", "readonly", "reference", "since", "until"],
];

/** Turns `--filter` texts for images into what the engine takes. Of one that may be given once the last counts. */
export function imageFilters(filters: readonly Filter[], nowMs: number): ImageFilters {
  checkFilterKeys(filters, keys);
  const last = (key: string): string | undefined => filterValues(filters, key).at(-1);
  const several = (key: string): string[] | undefined => nonEmpty(filterValues(filters, key));
  const found: { readonly [Key in keyof ImageFilters]: ImageFilters[Key] | undefined } = {
    dangling: truth("dangling", last("dangling")),
    containers: truth("containers", last("containers")),
    intermediate: truth("intermediate", last("intermediate")),
    readOnly: truth("readonly", last("readonly")),
    before: last("before"),
    since: last("since") ?? last("after"),
    untilMs: moment(last("until"), nowMs),
    labels: several("label")?.map(labelFilter),
    notLabels: several("label!")?.map(labelFilter),
    references: several("reference"),
    ids: several("id"),
    digests: several("digest"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as ImageFilters;
}

/** `labelFilter("a=b")` is `{ name: "a", value: "b" }`. */
export function labelFilter(given: string): LabelFilter {
  const equals = given.indexOf("=");
  return equals < 0 ? { name: given } : { name: given.slice(0, equals), value: given.slice(equals + 1) };
}

/** A moment before which something was made. */
export function moment(given: string | undefined, nowMs: number): number | undefined {
  return given === undefined ? undefined : parseTime(given, "--filter until", nowMs);
}

function nonEmpty(values: string[]): string[] | undefined {
  return values.length > 0 ? values : undefined;
}

function truth(key: string, given: string | undefined): boolean | undefined {
  if (given === undefined) return undefined;
  if (["true", "1", "t", "T", "TRUE", "True"].includes(given)) return true;
  if (["false", "0", "f", "F", "FALSE", "False"].includes(given)) return false;
  throw badValue(`--filter ${key}=${given}: neither true nor false`);
}
