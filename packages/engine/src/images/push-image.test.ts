import { createImage, createLayer, openImage } from "@galley/image";
import { openArchiveAt } from "@galley/image/node";
import { createMemoryStore, type RegistryServer, serveRegistry } from "@galley/registry-server";
import { parseReference } from "@galley/spec";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Engine } from "../engine.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { scratchFolder } from "../testing/scratch-folder.ts";
import { storeMadeImage } from "../testing/store-made-image.ts";
import { findImage } from "./find-image.ts";
import { pushImage } from "./push-image.ts";
import { openRemote } from "./registry-access.ts";
import type { TransferProgress } from "./transfer-progress.ts";

async function registry(): Promise<RegistryServer> {
  const server = await serveRegistry({ store: createMemoryStore() });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

async function storedImage(engine: Engine, names: readonly string[], compression: "gzip" | "none" = "gzip") {
  const layers = ["base", "top"].map((path) => ({
    tar: createLayer([{ path, type: "file", content: path.repeat(1000) }]),
    compression,
  }));
  return storeMadeImage(engine, await createImage({ layers, config: { Cmd: ["sh"] } }), names);
}

/** States of parts by the order in which they were told, bytes left out. */
function states(told: readonly TransferProgress[]): string[] {
  return [...new Set(told.filter(({ kind }) => kind === "layer").map(({ state }) => state))];
}

describe("pushImage()", () => {
  test("pushImage() sends an image as it is, and notes where it is now", async () => {
    const [engine, { address }] = [await scratchEngine(), await registry()];
    const image = await storedImage(engine, [`${address}/app:1`]);
    const told: TransferProgress[] = [];
    const pushed = await pushImage(engine, `${address}/app:1`, { onProgress: (progress) => told.push(progress) });
    expect(pushed.digest).toBe(image.manifest.digest);
    expect(states(told)).toEqual(["uploading", "uploaded"]);
    await using remote = await openRemote(parseReference(`${address}/app`));
    expect((await remote.resolve("1")).digest).toBe(image.manifest.digest);
    expect(findImage(engine, image.id).repositoryDigests).toEqual([`${address}/app@${image.manifest.digest}`]);
  });

  test("pushImage() sends nothing twice, and takes blobs over from other repositories", async () => {
    const [engine, { address }] = [await scratchEngine(), await registry()];
    const { id } = await storedImage(engine, [`${address}/app:1`]);
    await pushImage(engine, id);
    for (const [destination, expected] of [
      [`${address}/app:2`, "exists"],
      [`docker://${address}/team/app`, "mounted"],
    ] as const) {
      const told: TransferProgress[] = [];
      await pushImage(engine, id, { destination, onProgress: (progress) => told.push(progress) });
      expect(states(told).at(-1)).toBe(expected);
    }
  });

  test.each([
    [{}, "oci", "gzip"],
    [{ format: "v2s2" }, "docker", "gzip"],
    [{ compression: "zstd" }, "oci", "zstd"],
    [{ format: "v2s2", compression: "gzip", compressionLevel: 9 }, "docker", "gzip"],
  ] as const)("pushImage() with %j compresses layers that are not", async (form, family, compression) => {
    const [engine, { address }] = [await scratchEngine(), await registry()];
    const { id, config } = await storedImage(engine, [`${address}/app:1`], "none");
    const told: TransferProgress[] = [];
    const pushed = await pushImage(engine, id, { ...form, onProgress: (progress) => told.push(progress) });
    await using remote = await openRemote(parseReference(`${address}/app`));
    const image = await openImage(remote, pushed);
    expect(pushed.mediaType).toContain(family);
    expect(image.configDescriptor.digest).toBe(config.digest);
    expect(image.layers.map((layer) => layer.compression)).toEqual([compression, compression]);
    expect(states(told)).toEqual(["compressing", "compressed", "uploading", "uploaded"]);
  });

  test("pushImage() compresses nothing a second time that the registry has", async () => {
    const [engine, { address }] = [await scratchEngine(), await registry()];
    const { id } = await storedImage(engine, [`${address}/app:1`], "none");
    const { digest } = await pushImage(engine, id);
    for (const destination of [`${address}/app:2`, `${address}/team/other:1`]) {
      const told: TransferProgress[] = [];
      const again = await pushImage(engine, id, { destination, onProgress: (progress) => told.push(progress) });
      expect(again.digest).toBe(digest);
      expect(states(told)).toEqual(["exists"]);
    }
    const elsewhere = await registry();
    const told: TransferProgress[] = [];
    const destination = `${elsewhere.address}/app:1`;
    await pushImage(engine, id, { destination, onProgress: (progress) => told.push(progress) });
    expect(states(told)).toContain("uploaded");
  });

  test.each([
    ["oci:", ["none", "none"]],
    ["oci-archive:", ["none", "none"]],
    ["docker-archive:", ["none", "none"]],
    ["dir:", ["none", "none"]],
  ])("pushImage() writes into %s what is in the store", async (transport, layers) => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    const { id } = await storedImage(engine, ["localhost/app:1"], "none");
    await pushImage(engine, "localhost/app:1", { destination: `${transport}${folder}/to` });
    await using archive = await openArchiveAt(`${folder}/to`);
    const image = await openImage(archive, archive.images[0]?.root as never);
    expect(image.configDescriptor.digest).toBe(`sha256:${id}`);
    expect(image.layers.map(({ compression }) => compression)).toEqual(layers);
  });

  test.each([
    ["nosuch", undefined, "not-found"],
    ["image", "X", "invalid"],
    ["image", `127.0.0.1:1/x@sha256:${"0".repeat(64)}`, "invalid"],
    ["image", "docker-daemon:x:1", "unsupported"],
    ["image", "127.0.0.1:1/x", "unavailable"],
  ])("pushImage() refuses to push %s to %s: %s", async (name, destination, kind) => {
    const engine = await scratchEngine();
    await storedImage(engine, ["docker.io/library/image:latest"]);
    const pushing = pushImage(engine, name, { destination, retry: { attempts: 1 } });
    await expect(pushing).rejects.toMatchObject({ kind });
  });

  test("pushImage() does not guess a destination for an id", async () => {
    const engine = await scratchEngine();
    const { id } = await storedImage(engine, ["localhost/a:1", "localhost/a:2"]);
    await expect(pushImage(engine, id)).rejects.toMatchObject({ kind: "invalid", code: "engine.bad-destination" });
  });
});
