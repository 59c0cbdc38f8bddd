import { expect, test } from "vitest";
import { parseTmpfs } from "./parse-tmpfs.ts";

test.each([
  ["/tmp", { containerPath: "/tmp", options: [] }],
  ["/tmp:size=64m,noexec,mode=1777", { containerPath: "/tmp", options: ["size=64m", "noexec", "mode=1777"] }],
  ["/tmp/:tmpcopyup,rw", { containerPath: "/tmp", options: ["rw"] }],
])("parseTmpfs(%j)", (given, tmpfs) => expect(parseTmpfs(given)).toEqual(tmpfs));
test("parseTmpfs() refuses a relative path", () => expect(() => parseTmpfs("x")).toThrow("must be an absolute path"));
test.each(["/x:frob", "/x:size", "/x:size=1m,lowerdir=/etc", "/x:size=$(id)"])("parseTmpfs() refuses %j", (given) =>
  expect(() => parseTmpfs(given)).toThrow("invalid mount option"),
);
