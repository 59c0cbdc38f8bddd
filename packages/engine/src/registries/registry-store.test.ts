import { createImage, createLayer } from "@galley/image";
import { openRepository } from "@galley/registry";
import { digestOf, parseReference } from "@galley/spec";
import { expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { type ImageRecord, imageRecords } from "../images/image-record.ts";
import { tagImage } from "../images/tag-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { storeMadeImage } from "../testing/store-made-image.ts";
import { registryStore, servedName } from "./registry-store.ts";
import { serveImages } from "./serve-images.ts";

async function stored(engine: Engine, names: readonly string[], text = "one"): Promise<ImageRecord> {
  const layers = [{ tar: createLayer([{ path: "file", type: "file" as const, content: text.repeat(1000) }]) }];
  return storeMadeImage(engine, await createImage({ layers, config: { Cmd: [text] } }), names);
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
}

test.each([
  ["docker.io/library/alpine", "library/alpine"],
  ["docker.io/team/app", "team/app"],
  ["quay.io/team/app", "quay.io/team/app"],
  ["localhost/app", "localhost/app"],
  ["localhost:5000/app", "localhost_5000/app"],
  ["[::1]:5000/app", "1_5000/app"],
])("servedName() calls %s %s", (name, served) => {
  expect(servedName(parseReference(name))).toBe(served);
});

test("registryStore() shows names, tags and digests as they are at the moment", async () => {
  const engine = await scratchEngine();
  const store = registryStore(engine);
  expect(await store.repositories?.()).toEqual([]);
  const image = await stored(engine, ["docker.io/library/app:1", "quay.io/team/app:2"]);
  expect(await store.repositories?.()).toEqual(["library/app", "quay.io/team/app"]);
  expect([...((await store.tags.list("library/app")) ?? [])]).toEqual([["1", image.manifest.digest]]);
  expect([...((await store.tags.list("docker.io/library/app")) ?? []).keys()]).toEqual(["1"]);
  expect(await store.tags.list("app")).toBeUndefined();
  tagImage(engine, "app:1", "docker.io/library/app:3");
  expect([...((await store.tags.list("library/app")) ?? []).keys()].sort()).toEqual(["1", "3"]);
  const digests: string[] = [];
  for await (const digest of store.manifests.list("library/app")) digests.push(digest);
  expect(digests).toEqual([image.manifest.digest]);
});

test("registryStore() gives manifests and blobs of a repository's own images only", async () => {
  const engine = await scratchEngine();
  const store = registryStore(engine);
  const one = await stored(engine, ["docker.io/library/one:1"]);
  const two = await stored(engine, ["docker.io/library/two:1"], "two");
  const manifest = await store.manifests.get("library/one", one.manifest.digest);
  expect([manifest?.mediaType, digestOf(manifest?.bytes ?? "")]).toEqual([one.manifest.mediaType, one.manifest.digest]);
  const [layer] = one.layers;
  const digest = layer?.descriptor.digest ?? one.config.digest;
  const blob = await store.blobs.get("library/one", digest);
  const bytes = await collect(blob?.read() ?? (async function* () {})());
  expect([bytes.length, digestOf(bytes)]).toEqual([blob?.sizeBytes, digest]);
  const part = await collect(blob?.read({ firstByte: 3, lastByte: 6 }) ?? (async function* () {})());
  expect(part).toEqual(bytes.subarray(3, 7));
  expect(await store.manifests.get("library/one", two.manifest.digest)).toBeUndefined();
  expect(await store.blobs.get("library/one", two.config.digest)).toBeUndefined();
  expect(await store.blobs.get("library/two", two.manifest.digest)).toBeUndefined();
});

test("registryStore() does not offer what the disk has lost", async () => {
  const engine = await scratchEngine();
  const image = await stored(engine, ["docker.io/library/one:1"]);
  for (const { digest } of [image.config, image.manifest]) await engine.storage.content.delete(digest);
  const store = registryStore(engine);
  expect(await store.blobs.get("library/one", image.config.digest)).toBeUndefined();
  expect(await store.manifests.get("library/one", image.manifest.digest)).toBeUndefined();
});

test("registryStore() knows an image that was pulled by digest alone", async () => {
  const engine = await scratchEngine();
  const image = await stored(engine, []);
  const repositoryDigests = [`docker.io/library/one@${image.manifest.digest}`];
  imageRecords(engine).put(image.id, { ...image, repositoryDigests }, { names: [] });
  const store = registryStore(engine);
  expect(await store.tags.list("library/one")).toEqual(new Map());
  expect(await store.manifests.get("library/one", image.manifest.digest)).toBeDefined();
});

test("serveImages() serves whoever may read, and nobody may write", async () => {
  const engine = await scratchEngine();
  const image = await stored(engine, ["docker.io/library/one:1"]);
  await using server = await serveImages(engine);
  await using repository = openRepository(`${server.address}/library/one`, { plainHttp: "always" });
  const { descriptor } = await repository.fetchManifest("1");
  expect(descriptor.digest).toBe(image.manifest.digest);
  expect((await collect(await repository.fetch(image.config))).length).toBe(image.config.size);
  await expect(repository.tag("2", descriptor)).rejects.toMatchObject({ kind: "unsupported" });
  // "secret", of the lowest cost.
  const htpasswd = "me:$2b$04$CCCCCCCCCCCCCCCCCCCCC.4K7lyz.nKATbsiu/RcZjqWyDNnj87qG";
  await using guarded = await serveImages(engine, { htpasswd });
  expect((await fetch(`${guarded.url}/v2/`)).status).toBe(401);
});
