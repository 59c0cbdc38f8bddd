import { isGalleyError } from "@galley/spec";
import { expect, test } from "vitest";
import { programPath } from "./programs.ts";

test("programPath() takes the named directory first", () =>
  expect(programPath("keeper", "/opt/programs")).toBe("/opt/programs/keeper"));
test("programPath() finds a program by its package, or says how to build it", () => {
  try {
    expect(programPath("stage", "")).toMatch(/stage$/);
  } catch (error) {
    expect(isGalleyError(error, "unsupported") && error.message).toContain("build:native");
  }
});
