import { expect, test } from "vitest";
import { terminalSize } from "./terminal-size.ts";
import { processSpec } from "./testing/launches.ts";

const consoleSize = { height: 30, width: 100 };

test("terminalSize() is what was asked for, else the specification's, else unset", () => {
  expect(terminalSize(processSpec({ consoleSize }), { rows: 1, columns: 2 })).toEqual({ rows: 1, columns: 2 });
  expect(terminalSize(processSpec({ consoleSize }), undefined)).toEqual({ rows: 30, columns: 100 });
  expect(terminalSize(processSpec(), undefined)).toEqual({});
});
