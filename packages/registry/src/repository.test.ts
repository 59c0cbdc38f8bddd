import { createMemoryStore, serveRegistry } from "@galley/registry-server";
import { digestOf, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { TransferProgress } from "./index.ts";
import { openRepository } from "./index.ts";
import { faultyRegistry, quick } from "./testing/faulty-registry.ts";
import { collect, describe as descriptorOf, pieces, pushImage } from "./testing/image.ts";

describe("openRepository()", () => {
  test("openRepository() sends nothing yet", async () => {
    await using repository = openRepository("nowhere.invalid/app");
    expect(repository.reference).toEqual({ domain: "nowhere.invalid", repository: "app" });
  });

  test("openRepository() resolves tags, digests and whole references", async () => {
    await using registry = await faultyRegistry();
    const { repository, image, server } = registry;
    for (const name of ["v1", image.manifest.digest, `${server.address}/team/app:v1`]) {
      expect(await repository.resolve(name)).toEqual(image.manifest);
    }
    await expect(repository.resolve("docker.io/library/alpine")).rejects.toMatchObject({ kind: "invalid" });
    expect(registry.requests.every((request) => request.startsWith("HEAD "))).toBe(true);
  });

  test("openRepository() fetches manifests and blobs, and from an offset", async () => {
    await using registry = await faultyRegistry();
    const { repository, image, layerBytes } = registry;
    expect(String(await collect(await repository.fetch(image.manifest)))).toBe(image.text);
    expect(await repository.fetchManifest("v1")).toMatchObject({ descriptor: image.manifest });
    expect(await collect(await repository.fetch(image.layer))).toEqual(layerBytes);
    const rest = await collect(await repository.fetch(image.layer, { offsetBytes: 100_000 }));
    expect(rest).toEqual(layerBytes.subarray(100_000));
    expect(await collect(await repository.fetch(image.layer, { offsetBytes: image.layer.size }))).toHaveLength(0);
  });

  test("openRepository() reports progress of what it fetches and pushes", async () => {
    await using registry = await faultyRegistry();
    const seen: TransferProgress[] = [];
    const onProgress = (progress: TransferProgress): void => void seen.push(progress);
    await collect(await registry.repository.fetch(registry.image.layer, { onProgress }));
    expect(seen.at(-1)).toEqual({ descriptor: registry.image.layer, receivedBytes: 300_000, totalBytes: 300_000 });
    const blob = descriptorOf("x".repeat(200_000));
    await registry.repository.push(blob, pieces("x".repeat(200_000)), { onProgress });
    expect(seen.at(-1)).toEqual({ descriptor: blob, receivedBytes: 200_000, totalBytes: 200_000 });
  });

  test("openRepository() does not upload what is there", async () => {
    await using registry = await faultyRegistry();
    const unread = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from("must not be read");
      throw new Error("was read");
    };
    await registry.repository.push(registry.image.layer, unread());
    expect(await registry.repository.exists(registry.image.layer)).toBe(true);
    expect(await registry.repository.exists(registry.image.manifest)).toBe(true);
    expect(await registry.repository.exists(descriptorOf("absent"))).toBe(false);
    expect(await registry.repository.exists(descriptorOf("absent", mediaTypes.imageManifest))).toBe(false);
  });

  test("openRepository() pushes an empty blob", async () => {
    await using registry = await faultyRegistry();
    await registry.repository.push(descriptorOf(""), pieces(""));
    expect(await registry.repository.exists(descriptorOf(""))).toBe(true);
  });

  test("openRepository() refuses to push what is not what its descriptor says", async () => {
    await using registry = await faultyRegistry();
    for (const content of ["hallo", "hell", "hello!"]) {
      const wrong = registry.repository.push(descriptorOf("hello"), pieces(content));
      await expect(wrong, content).rejects.toMatchObject({ kind: "corrupt", code: "registry.digest-mismatch" });
      const manifest = registry.repository.push(descriptorOf("hello", mediaTypes.imageManifest), pieces(content));
      await expect(manifest).rejects.toMatchObject({ kind: "corrupt" });
    }
    expect(await registry.repository.exists(descriptorOf("hello"))).toBe(false);
  });

  test("openRepository() gives the error of the content that it pushes", async () => {
    await using registry = await faultyRegistry();
    const broken = async function* (): AsyncIterable<Uint8Array> {
      yield Buffer.from("h");
      throw new Error("disk on fire");
    };
    await expect(registry.repository.push(descriptorOf("hello"), broken())).rejects.toThrow(/disk on fire/);
  });

  test("openRepository() mounts from another repository, when the registry can", async () => {
    const store = createMemoryStore();
    await using server = await serveRegistry({ store });
    await using from = openRepository(`${server.address}/from`, quick);
    await using to = openRepository(`${server.address}/to`, quick);
    const { layer } = await pushImage(from, Buffer.from("layer"));
    expect(await to.mount(layer, "nowhere")).toBe(false);
    expect(await to.mount(layer, "from")).toBe(true);
    expect(String(await collect(await to.fetch(layer)))).toBe("layer");
  });

  test("openRepository() lists tags over pages", async () => {
    await using registry = await faultyRegistry({
      fault: (request) => {
        // A registry with small pages: as if the client had asked for them.
        if (request.url?.endsWith("/tags/list")) request.url += "?n=2";
        return false;
      },
    });
    for (const tag of ["a", "b", "c", "d"]) await registry.repository.tag(tag, registry.image.manifest);
    const tags: string[] = [];
    for await (const tag of registry.repository.tags()) tags.push(tag);
    expect(tags).toEqual(["a", "b", "c", "d", "v1"]);
    await expect(
      registry.repository.tag(registry.image.manifest.digest, registry.image.manifest),
    ).rejects.toMatchObject({
      kind: "invalid",
    });
  });

  test("openRepository() reads many blobs at once", async () => {
    await using registry = await faultyRegistry();
    const all = Array.from({ length: 20 }, async () => collect(await registry.repository.fetch(registry.image.layer)));
    for (const bytes of await Promise.all(all)) expect(digestOf(bytes)).toBe(registry.image.layer.digest);
  });

  test("openRepository() asks for HTTPS first and then speaks HTTP on a loopback address, unless told not to", async () => {
    await using server = await serveRegistry({ store: createMemoryStore() });
    await using maker = openRepository(`${server.address}/app`, quick);
    const { manifest } = await pushImage(maker, Buffer.from("layer"));
    for (const options of [{}, { tlsVerify: false }]) {
      await using repository = openRepository(`${server.address}/app`, options);
      expect(await repository.resolve("v1")).toEqual(manifest);
    }
    for (const options of [{ tlsVerify: true }, { plainHttp: "never" as const }]) {
      await using repository = openRepository(`${server.address}/app`, { ...quick, plainHttp: "loopback", ...options });
      await expect(repository.resolve("v1")).rejects.toMatchObject({
        kind: "unavailable",
        message: /does not speak TLS|connection lost/,
      });
    }
  });
});
