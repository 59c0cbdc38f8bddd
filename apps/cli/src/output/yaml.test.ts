import { expect, test } from "vitest";
import { yaml } from "./yaml.ts";

test("yaml() writes nested data", () => {
  const data = {
    host: { cpus: 2, names: ["a", "b"], deep: [{ x: 1, y: "z" }] },
    none: null,
    gone: undefined,
    empty: {},
    list: [],
  };
  expect(yaml(data)).toBe(
    [
      "host:",
      "  cpus: 2",
      "  names:",
      "  - a",
      "  - b",
      "  deep:",
      "  - x: 1",
      "    y: z",
      "none: null",
      "gone: null",
      "empty: {}",
      "list: []",
    ].join("\n"),
  );
});
test.each(["true", "no", "12", "1.5", "", "a: b", "#x", "- x", "x ", "two\nlines", "\u001b[2J"])(
  "yaml() quotes %j",
  (text) => expect(yaml({ a: text })).toBe(`a: ${JSON.stringify(text)}`),
);
