import { expect, test } from "vitest";
import { parseFlags } from "../flags/parse-flags.ts";
import { platformFlags, platformFrom } from "./platform-flags.ts";

const from = (...args: string[]) => platformFrom(parseFlags(platformFlags, args).flags);

test("platformFrom() says nothing when no flag does", () => {
  expect(from()).toBe(undefined);
  expect(platformFrom({})).toBe(undefined);
});

test.each([
  [["--platform=linux/arm64"], { os: "linux", architecture: "arm64" }],
  [["--arch=arm", "--variant=v6"], { os: "linux", architecture: "arm", variant: "v6" }],
  [["--arch=riscv64", "--os=freebsd"], { os: "freebsd", architecture: "riscv64" }],
])("platformFrom() reads %j", (args, platform) => expect(from(...args)).toMatchObject(platform));

test("platformFrom() fills in this machine's architecture", () => {
  expect(from("--os=windows")).toMatchObject({ os: "windows", architecture: expect.stringMatching(/^[a-z0-9]+$/) });
});

test("platformFrom() refuses both forms at once, and what is no platform", () => {
  expect(() => from("--platform=linux/arm64", "--arch=arm64")).toThrow("can not be specified with");
  expect(() => from("--platform=///")).toThrow();
});
