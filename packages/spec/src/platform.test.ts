import { expect, test } from "vitest";
import { formatPlatform, normalizePlatform, parsePlatform, platformOf } from "./platform.ts";

test.each([
  ["linux/amd64", { os: "linux", architecture: "amd64" }],
  ["linux/arm64/v8", { os: "linux", architecture: "arm64", variant: "v8" }],
  ["Linux/x86_64", { os: "linux", architecture: "amd64" }],
  ["linux/aarch64", { os: "linux", architecture: "arm64" }],
  ["linux/armhf", { os: "linux", architecture: "arm", variant: "v7" }],
  ["linux/constructor", { os: "linux", architecture: "constructor" }],
])("parsePlatform() reads %s", (text, platform) => {
  expect(parsePlatform(text)).toEqual(platform);
  expect(parsePlatform(formatPlatform(platform))).toEqual(platform);
});

test.each(["", "linux", "linux/", "/amd64", "a/b/c/d", "linux/amd 64", "linux/amd64/", `linux/${"x".repeat(65)}`])(
  "parsePlatform() refuses %j",
  (text) => {
    expect(() => parsePlatform(text)).toThrow(expect.objectContaining({ kind: "invalid" }));
  },
);

test("normalizePlatform() keeps a given variant and the version of the system", () => {
  const platform = { os: "Windows", architecture: "armel", variant: "V5", "os.version": "10.0" };
  expect(normalizePlatform(platform)).toEqual({
    os: "windows",
    architecture: "arm",
    variant: "v5",
    "os.version": "10.0",
  });
});

test("platformOf() knows Node's words for processors", () => {
  expect(
    ["x64", "arm64", "ia32", "arm", "ppc64", "s390x", "riscv64"].map((arch) => platformOf(arch).architecture),
  ).toEqual(["amd64", "arm64", "386", "arm", "ppc64le", "s390x", "riscv64"]);
  expect(platformOf("constructor").architecture).toBe("constructor");
});
