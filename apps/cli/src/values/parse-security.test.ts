import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseSecurity } from "./parse-security.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "galley-cli-"));
  writeFileSync(join(folder, "profile.json"), "{}");
});
afterAll(() => rmSync(folder, { recursive: true }));
const parse = (...given: string[]) => parseSecurity(given, folder);

describe("parseSecurity()", () => {
  test.each([
    [["no-new-privileges"], { noNewPrivileges: true }],
    [["no-new-privileges=false"], { noNewPrivileges: false }],
    [["no-new-privileges:true"], { noNewPrivileges: true }],
    [["seccomp=unconfined"], { seccomp: "unconfined" }],
    [["seccomp:unconfined"], { seccomp: "unconfined" }],
    [["seccomp=builtin"], { seccomp: "default" }],
    [["label=type:foo_t", "label=disable"], { labels: ["type:foo_t", "disable"] }],
    [["mask=/a:/b", "mask=/c"], { maskedPaths: ["/a", "/b", "/c"] }],
    [["unmask=ALL"], { unmaskedPaths: ["ALL"] }],
    [["unmask=/proc/kcore:/a"], { unmaskedPaths: ["/proc/kcore", "/a"] }],
    [["apparmor=unconfined"], {}],
    [[], {}],
  ])("parseSecurity(%j)", (given, security) => expect(parse(...given)).toEqual(security));

  test("parseSecurity() reads a profile relative to the caller's directory", () => {
    expect(parse("seccomp=profile.json").seccomp).toEqual({ text: "{}", path: join(folder, "profile.json") });
  });

  test.each([
    ["foo", 'invalid --security-opt "foo"'],
    ["foo=bar", 'invalid --security-opt "foo=bar"'],
    ["seccomp", 'invalid --security-opt "seccomp"'],
    ["seccomp=/nope", "opening seccomp profile failed: open /nope: no such file or directory"],
    ["no-new-privileges=maybe", "neither true nor false"],
    ["mask=relative", "paths must be absolute"],
    ["apparmor=docker-default", "AppArmor is not supported yet"],
  ])("parseSecurity() refuses %j", (given, why) => expect(() => parse(given)).toThrow(why));
});
