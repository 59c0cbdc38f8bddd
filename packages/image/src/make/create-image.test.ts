import { execFileSync } from "node:child_process";
import { mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { collect } from "../testing/streams.ts";
import { createImage } from "./create-image.ts";
import { createLayer } from "./create-layer.ts";

const make = (docker = false) =>
  createImage({
    layers: [
      {
        tar: createLayer([
          { path: "bin", type: "directory" },
          { path: "bin/hello", type: "file", mode: 0o755, content: "hi" },
        ]),
      },
    ],
    config: { Entrypoint: ["/bin/hello"], Env: ["A=b"] },
    platform: { os: "linux", architecture: "arm", variant: "v7" },
    docker,
  });

describe("createImage()", () => {
  test("gives the same image every time", async () => {
    expect((await make()).descriptor).toEqual((await make()).descriptor);
  });

  test("puts the platform into configuration and descriptor, in either family", async () => {
    for (const docker of [false, true]) {
      const image = await make(docker);
      const config = JSON.parse(Buffer.from(image.content.blobs.get(image.configDescriptor.digest) ?? []).toString());
      expect(config).toMatchObject({ os: "linux", architecture: "arm", variant: "v7", config: { Env: ["A=b"] } });
      expect(image.descriptor).toMatchObject({
        platform: { variant: "v7" },
        mediaType: docker ? mediaTypes.dockerManifest : mediaTypes.imageManifest,
      });
      expect(image.layers[0]?.mediaType).toBe(docker ? mediaTypes.dockerLayerTarGzip : mediaTypes.layerTarGzip);
    }
  });
});

test("createLayer() refuses numbers that no header can hold", async () => {
  await expect(collect(createLayer([{ path: "a", type: "file", uid: -1 }]))).rejects.toMatchObject({ kind: "invalid" });
});

test("importing the package loads no validators", () => {
  const loaded = (name: string) =>
    execFileSync(
      process.execPath,
      [
        "--conditions=@galley/source",
        "--input-type=module",
        "-e",
        `await import("${name}"); console.log("__zod_globalConfig" in globalThis);`,
      ],
      { cwd: new URL("..", import.meta.url), encoding: "utf8" },
    ).trim();
  expect(loaded("@galley/image")).toBe("false");
  expect(loaded("@galley/spec/schemas")).toBe("true");
});
