import { describe, expect, test } from "vitest";
import { resolveUser } from "./accounts.ts";

const accounts = {
  passwd: [
    "root:x:0:0:root:/root:/bin/sh",
    "# a comment",
    "ada:x:1000:1001:Ada:/home/ada:/bin/sh",
    "2000:x:7:8:named like a number:/seven:",
    "broken line",
    "huge:x:99999999999:1:::",
    "rel:x:12:12::not/absolute:",
    "",
  ].join("\n"),
  group: [
    "root:x:0:",
    "ada:x:1001:",
    "wheel:x:10:root, ada",
    "audio:x:63:ada,eve",
    "twice:x:63:ada",
    "bad:x:y:ada",
    "",
  ].join("\n"),
};

describe("resolveUser()", () => {
  test.each([
    ["", { uid: 0, gid: 0, additionalGids: [10], home: "/root" }],
    ["root", { uid: 0, gid: 0, additionalGids: [0, 10], home: "/root" }],
    ["ada", { uid: 1000, gid: 1001, additionalGids: [1001, 10, 63], home: "/home/ada" }],
    ["1000", { uid: 1000, gid: 1001, additionalGids: [1001, 10, 63], home: "/home/ada" }],
    ["ada:wheel", { uid: 1000, gid: 10, additionalGids: [10], home: "/home/ada" }],
    ["ada:", { uid: 1000, gid: 1001, additionalGids: [1001, 10, 63], home: "/home/ada" }],
    [":63", { uid: 0, gid: 63, additionalGids: [63], home: "/root" }],
    ["4711", { uid: 4711, gid: 0, additionalGids: [0], home: "/" }],
    ["4711:4712", { uid: 4711, gid: 4712, additionalGids: [4712], home: "/" }],
    ["2000", { uid: 7, gid: 8, additionalGids: [8], home: "/seven" }],
    ["rel", { uid: 12, gid: 12, additionalGids: [12], home: "/" }],
  ])("resolveUser() reads %j", (text, identity) => {
    expect(resolveUser(text, accounts)).toEqual(identity);
  });

  test.each([
    ["eve", "engine.unknown-user"],
    ["huge", "engine.unknown-user"],
    ["ada:nobody", "engine.unknown-group"],
    ["-1", "engine.unknown-user"],
    ["1:2:3", "engine.bad-user"],
    ["2147483648", "engine.bad-user"],
    ["0:2147483648", "engine.bad-user"],
  ])("resolveUser() refuses %j", (text, code) => {
    expect(() => resolveUser(text, accounts)).toThrow(expect.objectContaining({ code }));
  });

  test("resolveUser() needs no files for numbers", () => {
    expect(resolveUser("5:6", { passwd: "", group: "" })).toEqual({ uid: 5, gid: 6, additionalGids: [6], home: "/" });
  });
});
