import { expect, test } from "vitest";
import { imageFilters } from "./image-filters.ts";
import { parseFilter } from "./parse-filter.ts";

const now = Date.parse("2026-02-01T00:00:00Z");
const read = (...texts: string[]) => imageFilters(texts.map(parseFilter), now);

test.each([
  [[], {}],
  [["dangling=true"], { dangling: true }],
  [["dangling=false", "dangling=1"], { dangling: true }],
  [
    ["label=a=b", "label=c", "label!=d=e"],
    { labels: [{ name: "a", value: "b" }, { name: "c" }], notLabels: [{ name: "d", value: "e" }] },
  ],
  [["reference=al*", "reference=b"], { references: ["al*", "b"] }],
  [["before=x", "after=y"], { before: "x", since: "y" }],
  [["until=1h"], { untilMs: now - 3_600_000 }],
  [["until=2026-01-01T00:00:00Z"], { untilMs: Date.parse("2026-01-01T00:00:00Z") }],
  [["id=ab", "digest=sha256:cd"], { ids: ["ab"], digests: ["sha256:cd"] }],
  [["containers=f", "intermediate=t", "readonly=false"], { containers: false, intermediate: true, readOnly: false }],
])("imageFilters() reads %j", (texts, filters) => expect(read(...texts)).toEqual(filters));

test.each(["dangling", "=x", ""])("parseFilter() refuses %j", (text) =>
  expect(() => parseFilter(text)).toThrow("must be in the form of KEY=VALUE"),
);

test.each(["nosuch=1", "dangling=maybe", "until=soon"])("imageFilters() refuses %s", (text) =>
  expect(() => read(text)).toThrow(),
);
