import { badValue } from "../flags/usage-error.ts";

/** One `--filter`, KEY=VALUE or KEY!=VALUE. */
export interface Filter {
  readonly key: string;
  readonly value: string;
}

/** `parseFilter("label=a=b")` is `{ key: "label", value: "a=b" }`; the `!` of `label!=a` belongs to the key. */
export function parseFilter(given: string): Filter {
  const equals = given.indexOf("=");
  if (equals <= 0) throw badValue(`invalid filter ${JSON.stringify(given)}: must be in the form of KEY=VALUE`);
  return { key: given.slice(0, equals), value: given.slice(equals + 1) };
}

/** The values of one key, in order. */
export function filterValues(filters: readonly Filter[], key: string): string[] {
  return filters.filter((filter) => filter.key === key).map(({ value }) => value);
}

/** Refuses a filter that a command does not know. */
export function checkFilterKeys(filters: readonly Filter[], known: readonly string[]): void {
  for (const { key } of filters)
    if (!known.includes(key))
      throw badValue(`${JSON.stringify(key)} is an invalid filter, there are ${known.join(", ")}`);
}
