import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { digestOf, emptyDescriptor, mediaTypes } from "@galley/spec";
import { parseImageIndex, parseImageManifest } from "@galley/spec/schemas";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRegistry, openRepository, verified } from "./index.ts";
import { cuttingDoor } from "./testing/cutting-door.ts";
import { type DebianRegistry, noDebianRegistry, startDebianRegistry } from "./testing/debian-registry.ts";
import { collect, describe as descriptorOf, pieces, pushImage } from "./testing/image.ts";

const noSkopeo = spawnSync("skopeo", ["--version"]).error ? "skopeo is not installed" : "";
const run = promisify(execFile);

describe.skipIf(noDebianRegistry)(`openRepository() with docker-registry${why(noDebianRegistry)}`, () => {
  let registry: DebianRegistry;
  beforeAll(async () => {
    registry = await startDebianRegistry();
  });
  afterAll(() => registry?.[Symbol.asyncDispose]());

  test("openRepository() pushes an image and pulls it back, also from an offset", async () => {
    await using repository = openRepository(`${registry.address}/team/app`);
    const layerBytes = randomBytes(5_000_000);
    const image = await pushImage(repository, layerBytes);
    expect(await repository.resolve("v1")).toEqual(image.manifest);
    expect(String(await collect(await repository.fetch(image.manifest)))).toBe(image.text);
    expect(layerBytes.equals(await collect(verified(image.layer, await repository.fetch(image.layer))))).toBe(true);
    const rest = await collect(await repository.fetch(image.layer, { offsetBytes: 4_000_000 }));
    expect(layerBytes.subarray(4_000_000).equals(rest)).toBe(true);
  });

  test("openRepository() pushes an index and an empty blob", async () => {
    await using repository = openRepository(`${registry.address}/index`);
    const { manifest } = await pushImage(repository, Buffer.from("layer"));
    const manifests = [{ ...manifest, platform: { os: "linux", architecture: "amd64" } }];
    const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests });
    const index = descriptorOf(text, mediaTypes.imageIndex);
    await repository.push(index, pieces(text));
    await repository.tag("all", index);
    expect(await repository.resolve("all")).toEqual(index);
    await repository.push(descriptorOf(""), pieces(""));
    expect(await repository.exists(descriptorOf(""))).toBe(true);
  });

  test("openRepository() mounts, and lists tags over pages", async () => {
    await using from = openRepository(`${registry.address}/from`);
    await using to = openRepository(`${registry.address}/to`);
    const { layer, manifest } = await pushImage(from, Buffer.from("mounted"));
    expect(await to.mount(layer, "nowhere")).toBe(false);
    expect(await to.mount(layer, "from")).toBe(true);
    expect(await to.exists(layer)).toBe(true);
    for (let each = 0; each < 120; each++) await from.tag(`t${each}`, manifest);
    expect(await collectAll(from.tags())).toHaveLength(121);
  });

  test("openRepository() says what is unknown", async () => {
    await using known = openRepository(`${registry.address}/known`);
    await pushImage(known, Buffer.from("x"));
    await expect(known.resolve("none")).rejects.toMatchObject({ kind: "not-found", code: "registry.manifest-unknown" });
    const absent = descriptorOf("absent");
    await expect(known.fetch(absent)).rejects.toMatchObject({ kind: "not-found", code: "registry.blob-unknown" });
    await using unknown = openRepository(`${registry.address}/unknown`);
    await expect(unknown.resolve("v1")).rejects.toMatchObject({ kind: "not-found" });
    await expect(collectAll(unknown.tags())).rejects.toMatchObject({ code: "registry.name-unknown" });
  });

  test("openRepository() refuses what the registry refuses", async () => {
    await using repository = openRepository(`${registry.address}/refusal`);
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.imageManifest,
      config: descriptorOf("absent config", mediaTypes.imageConfig),
      layers: [],
    });
    await expect(repository.push(descriptorOf(text, mediaTypes.imageManifest), pieces(text))).rejects.toMatchObject({
      kind: "invalid",
    });
  });

  test("receive() pushes in pieces, and goes on after each cut of the connection", async () => {
    const bytes = randomBytes(8_000_000);
    const blob = descriptorOf(bytes);
    await using door = await cuttingDoor(registry.address, 2_500_000);
    const options = { retry: { attempts: 5, baseDelayMs: 200, maxDelayMs: 400 }, plainHttp: "always" } as const;
    for (const [name, more] of [["whole", {}] as const, ["pieces", { chunkBytes: 1_000_000 }] as const]) {
      door.cutsLeft = 2;
      await using repository = openRepository(`${door.address}/${name}`, { ...options, ...more });
      await repository.receive(blob, async (offsetBytes) => pieces(bytes.subarray(offsetBytes)));
      expect(door.cutsLeft).toBe(0);
      await using direct = openRepository(`${registry.address}/${name}`);
      expect(bytes.equals(await collect(verified(blob, await direct.fetch(blob))))).toBe(true);
    }
  });

  test("receive() mounts by itself, referrers() uses the tag, openRegistry() lists and searches", async () => {
    await using from = openRepository(`${registry.address}/origin`);
    const { layer, manifest } = await pushImage(from, Buffer.from("taken from elsewhere"));
    await using to = openRepository(`${registry.address}/goal`, { mountFrom: () => ["nowhere", "origin"] });
    await to.receive(layer, async () => Promise.reject(new Error("was opened")));
    expect(await to.exists(layer)).toBe(true);

    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.imageManifest,
      artifactType: "test/signature",
      config: emptyDescriptor,
      layers: [emptyDescriptor],
      subject: manifest,
    });
    await from.push(emptyDescriptor, pieces("{}"));
    const signature = descriptorOf(text, mediaTypes.imageManifest);
    await from.push(signature, pieces(text));
    const found = [];
    for await (const each of from.referrers(manifest, { artifactType: "test/signature" })) found.push(each.digest);
    expect(found).toEqual([signature.digest]);

    await using whole = openRegistry(registry.address);
    await whole.check();
    expect(await collectAll(whole.catalog())).toContain("origin");
    expect((await whole.search("orig")).map(({ name }) => name)).toEqual(["origin"]);
  });

  test.skipIf(noSkopeo)(`openRepository() reads what skopeo has pushed${why(noSkopeo)}`, async () => {
    await using made = openRepository(`${registry.address}/made`);
    const { layer } = await pushImage(made, randomBytes(100_000));
    const layout = join(registry.folder, "layout");
    const loose = ["--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false"];
    await run("skopeo", [...loose, `docker://${registry.address}/made:v1`, `dir:${layout}`]);
    for (const format of ["oci", "v2s2"]) {
      await run("skopeo", [
        ...loose,
        "--format",
        format,
        `dir:${layout}`,
        `docker://${registry.address}/skopeo:${format}`,
      ]);
    }
    await using repository = openRepository(`${registry.address}/skopeo`);
    expect((await repository.resolve("oci")).mediaType).toBe(mediaTypes.imageManifest);
    const docker = await repository.fetchManifest("v2s2");
    expect(docker.descriptor).toMatchObject({ mediaType: mediaTypes.dockerManifest, digest: digestOf(docker.bytes) });
    const [first] = parseImageManifest(docker.bytes).layers;
    expect(first?.mediaType).toMatch(/^application\/vnd\.docker\.image\.rootfs\.diff\.tar/);
    expect(first && (await collect(verified(first, await repository.fetch(first)))).length).toBe(first?.size);
    expect(layer.size).toBe(100_000);
    expect(() => parseImageIndex(docker.bytes)).toThrow();
  });
});

function why(reason: string): string {
  return reason && ` (skipped: ${reason})`;
}

async function collectAll(values: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const value of values) all.push(value);
  return all;
}
