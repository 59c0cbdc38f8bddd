import { expect, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { inspectImage } from "./inspect-image.ts";

test("inspectImage() tells an image in podman's words", async () => {
  const engine = await scratchEngine();
  const execution = { Cmd: ["sh"], Env: ["A=b"], Labels: { a: "b" }, User: "ada" };
  const image = putImage(engine, makeImage("image", execution, { annotations: { c: "d" }, author: "Ada" }));
  const [layer] = image.layers;
  expect(inspectImage(engine, "image")).toEqual({
    Id: image.id,
    Digest: image.manifest.digest,
    RepoTags: ["docker.io/library/image:latest"],
    RepoDigests: [`docker.io/library/image@${image.manifest.digest}`],
    Parent: "",
    Comment: "made by hand",
    Created: "2026-01-02T03:04:05.000Z",
    Config: execution,
    Version: "",
    Author: "Ada",
    Architecture: "amd64",
    Os: "linux",
    Size: 1010,
    VirtualSize: 1010,
    GraphDriver: { Name: "overlay", Data: { UpperDir: engine.storage.layers.treePath(layer!.chainId) } },
    RootFS: { Type: "layers", Layers: [layer!.diffId] },
    Labels: { a: "b" },
    Annotations: { c: "d" },
    ManifestType: "application/vnd.oci.image.manifest.v1+json",
    User: "ada",
    History: [{ created_by: "a test", comment: "made by hand" }],
    NamesHistory: ["docker.io/library/image:latest"],
  });
});

test("inspectImage() has a value for all that an image may lack", async () => {
  const engine = await scratchEngine();
  putImage(engine, makeImage("bare", {}, { layers: [], history: [], repositoryDigests: [] }), [
    "docker.io/library/bare:latest",
  ]);
  const bare = inspectImage(engine, "bare");
  expect(JSON.parse(JSON.stringify(bare))).toEqual(bare);
  expect(bare).toMatchObject({
    Comment: "",
    Author: "",
    Labels: {},
    Annotations: {},
    User: "",
    GraphDriver: { Data: {} },
  });
});
