import { expect, test } from "vitest";
import { parseSearchFilter, searchFilters } from "./search-filters.ts";

test.each([
  ["stars=3", { minStars: 3 }],
  ["is-official", { isOfficial: true }],
  ["is-official=false", { isOfficial: false }],
  ["is-automated=true", { isAutomated: true }],
])("parseSearchFilter() reads %s", (text, filter) => expect(parseSearchFilter(text)).toEqual(filter));

test.each(["stars", "stars=x", "is-official=maybe", "nosuch=1", ""])("parseSearchFilter() refuses %j", (text) =>
  expect(() => parseSearchFilter(text)).toThrow(),
);

test("searchFilters() puts filters together", () => {
  expect(searchFilters([{ minStars: 1 }, { isOfficial: true }, { minStars: 2 }])).toEqual({
    minStars: 2,
    isOfficial: true,
  });
  expect(searchFilters([])).toEqual({});
});
