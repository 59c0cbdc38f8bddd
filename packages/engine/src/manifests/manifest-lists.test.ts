import { createImage, createLayer } from "@galley/image";
import { createMemoryStore, type RegistryServer, serveRegistry } from "@galley/registry-server";
import { mediaTypes, parsePlatform } from "@galley/spec";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Engine } from "../engine.ts";
import { collectImages } from "../images/collect-images.ts";
import { pushImage } from "../images/push-image.ts";
import { removeImage } from "../images/remove-image.ts";
import { tagImage } from "../images/tag-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { storeMadeImage } from "../testing/store-made-image.ts";
import { addManifests } from "./add-manifests.ts";
import { annotateManifest, annotateManifestList, removeManifest } from "./annotate-manifest.ts";
import { createManifestList } from "./create-manifest-list.ts";
import { manifestListExists } from "./find-manifest-list.ts";
import { inspectManifest } from "./inspect-manifest.ts";
import { pushManifestList } from "./push-manifest-list.ts";
import { removeManifestList } from "./remove-manifest-list.ts";

async function registry(): Promise<RegistryServer> {
  const server = await serveRegistry({ store: createMemoryStore() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function stored(engine: Engine, platform: string, name = `localhost/app:${platform.split("/")[1]}`) {
  const tar = createLayer([{ path: "which", type: "file", content: platform.repeat(500) }]);
  return storeMadeImage(engine, await createImage({ layers: [{ tar }], platform: parsePlatform(platform) }), [name]);
}

interface Index {
  readonly mediaType: string;
  readonly annotations?: unknown;
  readonly manifests: readonly { readonly digest: string; readonly platform: object; readonly annotations?: object }[];
}

const read = async (engine: Engine, name: string) => (await inspectManifest(engine, name)) as unknown as Index;
const digests = async (engine: Engine, name: string) =>
  (await read(engine, name)).manifests.map(({ digest }) => digest);

describe("createManifestList()", () => {
  test("createManifestList() makes an empty list of this machine, and one with images", async () => {
    const engine = await scratchEngine();
    const id = await createManifestList(engine, "empty");
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await read(engine, "localhost/empty:latest")).toMatchObject({
      mediaType: mediaTypes.imageIndex,
      manifests: [],
    });
    expect(await read(engine, id.slice(0, 10))).toMatchObject({ manifests: [] });
    const images = [await stored(engine, "linux/amd64"), await stored(engine, "linux/arm/v7")];
    await createManifestList(engine, "app:1", ["app:amd64", "app:arm"]);
    expect((await read(engine, "app:1")).manifests).toMatchObject([
      { digest: images[0]?.manifest.digest, platform: { os: "linux", architecture: "amd64" } },
      { digest: images[1]?.manifest.digest, platform: { os: "linux", architecture: "arm", variant: "v7" } },
    ]);
  });

  test("createManifestList() takes no name that an image or a list has, unless it may amend the list", async () => {
    const engine = await scratchEngine();
    await stored(engine, "linux/amd64", "localhost/taken:latest");
    const id = await createManifestList(engine, "list");
    for (const name of ["taken", "list"])
      await expect(createManifestList(engine, name)).rejects.toMatchObject({
        kind: "conflict",
        code: "engine.name-in-use",
      });
    expect(await createManifestList(engine, "list", ["taken"], { amend: true })).toBe(id);
    expect(await digests(engine, "list")).toHaveLength(1);
    await expect(createManifestList(engine, `x@sha256:${"a".repeat(64)}`)).rejects.toMatchObject({ kind: "invalid" });
  });

  test("tagImage() takes a name away from a list", async () => {
    const engine = await scratchEngine();
    await stored(engine, "linux/amd64");
    await createManifestList(engine, "moved");
    tagImage(engine, "app:amd64", "localhost/moved");
    expect(manifestListExists(engine, "moved")).toBe(false);
  });
});

describe("editing a manifest list", () => {
  test("addManifests() says about a manifest what it is told to, and replaces one that is there", async () => {
    const engine = await scratchEngine();
    const { manifest } = await stored(engine, "linux/arm64");
    await createManifestList(engine, "app:1");
    await addManifests(engine, "app:1", ["app:arm64"]);
    await addManifests(engine, "app:1", ["app:arm64"], { platform: { variant: "v8" }, annotations: { a: "b" } });
    const platform = { os: "linux", architecture: "arm64", variant: "v8" };
    expect((await read(engine, "app:1")).manifests).toMatchObject([
      { digest: manifest.digest, platform, annotations: { a: "b" } },
    ]);
    await annotateManifest(engine, "app:1", manifest.digest, { platform: { "os.version": "7" } });
    await annotateManifestList(engine, "app:1", { annotations: { all: "of it" } });
    expect(await read(engine, "app:1")).toMatchObject({
      annotations: { all: "of it" },
      manifests: [{ platform: { ...platform, "os.version": "7" } }],
    });
    expect(await removeManifest(engine, "app:1", "app:arm64")).toBe(manifest.digest);
    expect(await digests(engine, "app:1")).toEqual([]);
    await expect(removeManifest(engine, "app:1", manifest.digest)).rejects.toMatchObject({ kind: "not-found" });
    await expect(addManifests(engine, "nolist", ["app:arm64"])).rejects.toMatchObject({
      code: "engine.manifest-list-unknown",
    });
  });

  test("addManifests() loses nothing when several add at once", async () => {
    const engine = await scratchEngine();
    const names = ["linux/amd64", "linux/arm64", "linux/s390x", "linux/riscv64"];
    for (const name of names) await stored(engine, name);
    await createManifestList(engine, "app:1");
    await Promise.all(names.map((name) => addManifests(engine, "app:1", [`app:${name.split("/")[1]}`])));
    expect(await digests(engine, "app:1")).toHaveLength(names.length);
  });

  test("a list keeps the content of its images, and lets it go with itself", async () => {
    const engine = await scratchEngine();
    const { manifest } = await stored(engine, "linux/amd64");
    await createManifestList(engine, "app:1", ["app:amd64"]);
    await removeImage(engine, "app:amd64");
    await collectImages(engine);
    expect(await engine.storage.content.exists(manifest)).toBe(true);
    const { untagged } = await removeManifestList(engine, "app:1");
    expect(untagged).toEqual(["localhost/app:1"]);
    expect(await engine.storage.content.exists(manifest)).toBe(false);
  });
});

describe("pushManifestList()", () => {
  test("pushManifestList() sends the index with what is here and what another registry has", async () => {
    const [engine, far, near] = [await scratchEngine(), await registry(), await registry()];
    const here = await stored(engine, "linux/amd64");
    const there = await stored(engine, "linux/arm64");
    await pushImage(engine, there.id, { destination: `${far.address}/app:arm64` });
    await removeImage(engine, there.id);
    await createManifestList(engine, "app:1", ["app:amd64", `docker://${far.address}/app:arm64`]);
    expect(await engine.storage.content.exists(there.manifest), "nothing of it was fetched").toBe(false);
    const pushed = await pushManifestList(engine, "app:1", { destination: `docker://${near.address}/team/app:1` });
    const seen = await read(engine, `${near.address}/team/app:1`);
    expect(seen.manifests.map(({ digest }) => digest)).toEqual([here.manifest.digest, there.manifest.digest]);
    expect(await read(engine, `${near.address}/team/app@${pushed.digest}`)).toEqual(seen);
    expect(await read(engine, `${near.address}/team/app@${there.manifest.digest}`)).toHaveProperty("layers");
  });

  test("pushManifestList() gives Docker's media types when asked", async () => {
    const [engine, { address }] = [await scratchEngine(), await registry()];
    await stored(engine, "linux/amd64");
    await createManifestList(engine, "app:1", ["app:amd64"]);
    await pushManifestList(engine, "app:1", { destination: `${address}/app:1`, format: "v2s2" });
    expect(await read(engine, `${address}/app:1`)).toMatchObject({
      mediaType: mediaTypes.dockerManifestList,
      manifests: [{ mediaType: mediaTypes.dockerManifest }],
    });
  });

  test("pushManifestList() sends the list alone when the repository has its images", async () => {
    const [engine, { address }] = [await scratchEngine(), await registry()];
    const { id, manifest } = await stored(engine, "linux/amd64");
    await createManifestList(engine, "app:1", ["app:amd64"]);
    const destination = `${address}/app:list`;
    await pushManifestList(engine, "app:1", { destination, all: false });
    expect(await digests(engine, destination)).toEqual([manifest.digest]);
    await expect(inspectManifest(engine, `${address}/app@${manifest.digest}`)).rejects.toMatchObject({
      kind: "not-found",
    });
    await pushImage(engine, id, { destination: `${address}/app:amd64` });
    expect(await inspectManifest(engine, `${address}/app@${manifest.digest}`)).toHaveProperty("layers");
  });
});
