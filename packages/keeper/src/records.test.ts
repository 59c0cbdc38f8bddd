import fc from "fast-check";
import { expect, test } from "vitest";
import { parseExitRecord } from "./exit-record.ts";
import { parsePidRecord } from "./pid-record.ts";

const pid = { version: 1, keeper: 10, keeperStart: 1000, child: 11, childStart: 1001, stamp: "boot" };
const exit = {
  version: 1,
  pid: 11,
  code: 137,
  signal: 9,
  coreDumped: false,
  startedAt: "2026-01-02T03:04:05.000000006+00:00",
  finishedAt: "2026-01-02T03:04:06.000000006+00:00",
  durationNs: 1_000_000_000,
  logLostBytes: 0,
  files: { events: "oom 1\n" },
};
const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
const corrupt = expect.objectContaining({ kind: "corrupt" });

test("parsePidRecord() reads what a keeper writes", () => {
  expect(parsePidRecord(line(pid))).toEqual(pid);
  const { stamp: _, ...without } = pid;
  expect(parsePidRecord(line(without))).toEqual(without);
});

test("parseExitRecord() reads what a keeper writes, also without files", () => {
  expect(parseExitRecord(line(exit))).toEqual(exit);
  const { files: _, ...without } = exit;
  expect(parseExitRecord(line(without))).toEqual({ ...exit, files: {} });
});

test.each([
  ["nothing", ""],
  ["a line feed", "\n"],
  ["null", "null\n"],
  ["a list", "[]\n"],
  ["an empty object", "{}\n"],
  ["a record without its end", JSON.stringify(exit)],
  ["NULs after a crash", "\0".repeat(100)],
  ["another version", line({ ...exit, version: 2 })],
  ["code 256", line({ ...exit, code: 256 })],
  ["code -1", line({ ...exit, code: -1 })],
  ["a code that is text", line({ ...exit, code: "0" })],
  ["a fraction", line({ ...exit, code: 0.5 })],
  ["signal 65", line({ ...exit, signal: 65 })],
  ["no time", line({ ...exit, finishedAt: "yesterday" })],
  ["files that are no texts", line({ ...exit, files: { a: 1 } })],
  ["files as a list", line({ ...exit, files: ["a"] })],
  ["an unknown member", line({ ...exit, more: 1 })],
  ["too much", line({ ...exit, stamp: "x".repeat(70_000) })],
])("parseExitRecord() says corrupt to %s", (_, text) => {
  expect(() => parseExitRecord(text)).toThrow(corrupt);
});

test("parseExitRecord() and parsePidRecord() throw nothing but corrupt, whatever they get", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((json) => `${json}\n`),
      ),
      (text) => {
        expect(() => parseExitRecord(text)).toThrow(corrupt);
        expect(() => parsePidRecord(text)).toThrow(corrupt);
      },
    ),
  );
});

test("parsePidRecord() says corrupt to a negative or too large number", () => {
  for (const keeper of [-1, 2 ** 60, Number.NaN])
    expect(() => parsePidRecord(line({ ...pid, keeper }))).toThrow(corrupt);
});
