import { expect, test } from "vitest";
import { table } from "./table.ts";

test("table() aligns columns and leaves the last one as it is", () => {
  expect(
    table([
      ["NAME", "STATE"],
      ["a-rather-long-name", "up"],
    ]),
  ).toBe("NAME                STATE\na-rather-long-name  up");
});
test("table() has columns of at least ten characters", () => expect(table([["A", "B"]])).toBe("A           B"));
test("table() of nothing is nothing", () => expect(table([])).toBe(""));
