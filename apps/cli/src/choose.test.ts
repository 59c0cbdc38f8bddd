import { Readable } from "node:stream";
import { beforeEach, expect, test, vi } from "vitest";
import { choose } from "./choose.ts";

const told: string[] = [];
vi.mock("./output/print.ts", () => ({ printError: (line: string) => told.push(line) }));
beforeEach(() => void told.splice(0));

const ask = (typed: string) => choose("Which?", ["a", "b"], Readable.from([typed]));

test.each([
  ["2\n", 1],
  ["\n", 0],
  ["0\n3\nx\n1.5\n 2 \n", 1],
])("choose() takes %j for %i", async (typed, index) => {
  expect(await ask(typed)).toBe(index);
  expect(told.slice(0, 4)).toEqual(["Which?", "  1) a", "  2) b", "Number, 1 to 2 (1):"]);
});

test("choose() fails when nothing was chosen", async () => {
  await expect(ask("9\n")).rejects.toMatchObject({ kind: "invalid" });
});
