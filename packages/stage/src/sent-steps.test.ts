import { slot, stepper } from "@galley/plan";
import { expect, test } from "vitest";
import { limits } from "./limits.ts";
import { createSentSteps } from "./sent-steps.ts";

const file = slot("file");
const data = (index: number) => stepper("image")("data", { file, bytes: new Uint8Array(1) }, `fill ${index}`);

test("createSentSteps() remembers who and what for, by index over all calls, but not the data", () => {
  const sent = createSentSteps();
  sent.add([data(0), data(1)]);
  sent.add([data(2)]);
  expect([0, 1, 2, 3].map((index) => sent.at(index)?.why)).toEqual(["fill 0", "fill 1", "fill 2", undefined]);
  expect(sent.at(1)).toEqual({ by: "image", why: "fill 1" });
});

test("createSentSteps() forgets the oldest beyond its limit", () => {
  const sent = createSentSteps();
  for (let index = 0; index < limits.sentSteps + 10; index++) sent.add([data(index)]);
  expect([sent.at(9), sent.at(10)?.why, sent.at(limits.sentSteps + 9)?.why]).toEqual([
    undefined,
    "fill 10",
    `fill ${limits.sentSteps + 9}`,
  ]);
});
