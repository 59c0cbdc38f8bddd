import { expect, test } from "vitest";
import { parseTime } from "./parse-time.ts";

const now = Date.UTC(2026, 0, 31, 12);
test.each([
  ["10m", now - 600_000],
  ["1h30m", now - 5_400_000],
  ["1.5s", now - 1500],
  ["1700000000", 1_700_000_000_000],
  ["1700000000.5", 1_700_000_000_500],
  ["2026-01-31T11:00:00Z", now - 3_600_000],
  ["2026-01-31T11:00:00.250+01:00", now - 7_200_000 + 250],
])("parseTime(%j)", (given, momentMs) => expect(parseTime(given, "--since", now)).toBe(momentMs));
test.each(["", "x", "1d", "-10m", "yesterday", "2026-13-01", "10m "])("parseTime() refuses %j", (given) =>
  expect(() => parseTime(given, "--since", now)).toThrow(
    `parsing --since ${JSON.stringify(given)}: unable to interpret time value`,
  ),
);
