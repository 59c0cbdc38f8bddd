import { expect, test } from "vitest";
import { randomName } from "./random-name.ts";

test("randomName() is two words that make a container's name", () => {
  for (let round = 0; round < 50; round++) expect(randomName()).toMatch(/^[a-z]+_[a-z]+$/);
});

test("randomName() adds a number, with more digits the more often it was taken", () => {
  expect(randomName(1)).toMatch(/^[a-z]+_[a-z]+\d$/);
  expect(randomName(3)).toMatch(/^[a-z]+_[a-z]+\d{1,3}$/);
  expect(randomName(99)).toMatch(/^[a-z]+_[a-z]+\d{1,9}$/);
});
