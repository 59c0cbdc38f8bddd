import { expect, test } from "vitest";
import { parseSignal } from "./parse-signal.ts";

test.each([
  ["SIGTERM", 15],
  ["term", 15],
  ["9", 9],
  ["HUP", 1],
  ["RTMIN", 34],
  ["SIGRTMIN+3", 37],
  ["RTMAX-1", 63],
])("parseSignal(%j) is %i", (given, number) => expect(parseSignal(given)).toBe(number));
test.each(["FOO", "", "0", "65", "-1", "SIG", "RTMIN-1", "RTMAX+1", "RTMIN+99", "toString"])(
  "parseSignal() refuses %j",
  (given) => expect(() => parseSignal(given)).toThrow(`invalid signal: ${given}`),
);
