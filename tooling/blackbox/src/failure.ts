import { expect } from "vitest";
import type { Ended } from "./ended.ts";

/** An error as users are to see it: one line that begins with `Error: `, and for a wrong command line where to look. No stack. */
const oneLine = /^Error: [^\n]+\n(Did you mean [^\n]+\n)?(See 'galley [^\n]+'\n)?$/;

/** Expects a command to have failed in the documented way; further output is what came before. */
export function expectFailure(
  { code, out, err }: Ended,
  expected: { code: number; says?: RegExp; out?: string },
): void {
  expect({ code, out, err }).toEqual({
    code: expected.code,
    out: expected.out ?? "",
    err: expect.stringMatching(oneLine),
  });
  expect(err).not.toMatch(/\[object|undefined|internal error|TypeError|node:internal/);
  if (expected.says !== undefined) expect(err).toMatch(expected.says);
}
