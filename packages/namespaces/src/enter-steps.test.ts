import { slot } from "@galley/plan";
import { expect, test } from "vitest";
import { enterSteps } from "./enter-steps.ts";

test("enterSteps() joins all namespaces in one call, each once", () => {
  const process = slot("process");
  expect(enterSteps(process, ["mount", "pid", "mount"])).toMatchObject([
    { op: "setns", args: { target: process, namespaces: ["mount", "pid"] } },
  ]);
  expect(() => enterSteps(process, [])).toThrow(expect.objectContaining({ code: "namespaces.none" }));
});
