import { expect, test } from "vitest";
import { parseUlimit } from "./parse-ulimit.ts";

test.each([
  ["nofile=1024:2048", { name: "nofile", soft: 1024, hard: 2048 }],
  ["nproc=5", { name: "nproc", soft: 5, hard: 5 }],
  ["core=0:-1", { name: "core", soft: 0, hard: -1 }],
  ["memlock=unlimited", { name: "memlock", soft: -1, hard: -1 }],
  ["host", undefined],
])("parseUlimit(%j)", (given, limit) => expect(parseUlimit(given)).toEqual(limit));
test.each([
  ["x", "invalid ulimit argument: x"],
  ["foo=1", "invalid ulimit type: foo"],
  ["nofile=5:1", "less than or equal to hard limit: 5 > 1"],
  ["nofile=-1:5", "less than or equal to hard limit"],
  ["nofile=a", "not a number: a"],
  ["nofile=1:2:3", "not a number: 2:3"],
  ["nofile=-2", "not a number: -2"],
  ["nofile=", "invalid ulimit argument"],
])("parseUlimit() refuses %j", (given, why) => expect(() => parseUlimit(given)).toThrow(why));
