import { expect, test } from "vitest";
import { prebuiltName, withPrebuilt } from "./programs.mjs";

test("withPrebuilt() names a package for each CPU, at the same version", () => {
  const { optionalDependencies } = withPrebuilt({ name: "@galley/stage", version: "1.2.3" });
  expect(optionalDependencies).toEqual({ "@galley/stage-linux-x64": "1.2.3", "@galley/stage-linux-arm64": "1.2.3" });
});

test("withPrebuilt() keeps what stands there already", () => {
  const manifest = { name: "@galley/keeper", version: "1.0.0", optionalDependencies: { other: "^1.0.0" } };
  expect(withPrebuilt(manifest).optionalDependencies).toMatchObject({ other: "^1.0.0" });
});

test("withPrebuilt() leaves a script that builds without this repository", () => {
  const { scripts } = withPrebuilt({ name: "@galley/stage", version: "1.0.0", scripts: { build: "tsc" } });
  expect(scripts).toEqual({ "build:native": "node-gyp rebuild" });
});

test("withPrebuilt() leaves a package without programs as it is", () => {
  const manifest = { name: "@galley/spec", version: "1.2.3" };
  expect(withPrebuilt(manifest)).toBe(manifest);
});

test("prebuiltName() is the scheme the programs are looked for by", () => {
  expect(prebuiltName("@galley/stage", "x64")).toBe("@galley/stage-linux-x64");
});
