import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { exitCodeOf, removalExitCodeOf } from "./exit-code.ts";

const error = (kind: Parameters<typeof galleyError>[0], code: string) => galleyError(kind, code, "x");

describe("exitCodeOf()", () => {
  test.each([
    [error("not-found", "runtime.command-not-found"), 127],
    [error("forbidden", "runtime.not-executable"), 126],
    [error("not-found", "engine.image-unknown"), 125],
    [error("invalid", "cli.usage"), 125],
    [error("cancelled", "cancelled"), 130],
    [new TypeError("a bug"), 125],
    ["no error at all", 125],
  ])("exitCodeOf(%s) is %i", (thrown, code) => expect(exitCodeOf(thrown)).toBe(code));
});

describe("removalExitCodeOf()", () => {
  test.each([
    [error("not-found", "engine.container-unknown"), 1],
    [error("conflict", "engine.container-running"), 2],
    [error("internal", "internal"), 125],
  ])("removalExitCodeOf(%s) is %i", (thrown, code) => expect(removalExitCodeOf(thrown)).toBe(code));
});
