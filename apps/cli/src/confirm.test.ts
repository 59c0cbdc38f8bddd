import { PassThrough } from "node:stream";
import { expect, test, vi } from "vitest";
import { confirm } from "./confirm.ts";
import { output } from "./output/print.ts";

test.each([
  ["y\n", true],
  ["Y\n", true],
  ["yes\n", true],
  ["n\n", false],
  ["\n", false],
  ["yellow\n", false],
  ["", false],
])("confirm() takes %j for %s", async (typed, answer) => {
  const written: string[] = [];
  vi.spyOn(output, "writeSync").mockImplementation(((_: number, bytes: Uint8Array) => {
    written.push(Buffer.from(bytes).toString());
    return bytes.length;
  }) as never);
  const input = new PassThrough();
  input.end(typed);
  expect(await confirm("WARNING! Gone is gone.", input)).toBe(answer);
  expect(written.join("")).toBe("WARNING! Gone is gone.\nAre you sure you want to continue? [y/N] ");
  vi.restoreAllMocks();
});
