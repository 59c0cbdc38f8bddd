import { galleyError } from "@galley/spec";
import { afterEach, expect, test, vi } from "vitest";
import { removalExitCodeOf } from "./exit-code.ts";
import { forEach } from "./for-each.ts";
import { output } from "./output/print.ts";

afterEach(() => vi.restoreAllMocks());

test("forEach() goes on after a failure, tells it, and returns the worst exit code", async () => {
  const told: string[] = [];
  vi.spyOn(output, "writeSync").mockImplementation(((_fd: number, bytes: Uint8Array) => {
    told.push(Buffer.from(bytes).toString());
    return bytes.length;
  }) as never);
  const done: string[] = [];
  const code = await forEach(["a", "b", "c"], { exitCodeOf: removalExitCodeOf }, async (item) => {
    if (item === "a") throw galleyError("conflict", "x", "a is running");
    if (item === "b") throw galleyError("not-found", "x", "no b");
    done.push(item);
  });
  expect({ code, done, told }).toEqual({ code: 2, done: ["c"], told: ["Error: a is running\n", "Error: no b\n"] });
});
test("forEach() of nothing is fine", async () => expect(await forEach([], {}, async () => {})).toBe(0));
