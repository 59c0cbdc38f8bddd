import { type Descriptor, digestOf, isIndexType, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { bufferFile } from "../archive/byte-file.ts";
import { memoryContent } from "../content/memory-content.ts";
import { overlayContent } from "../content/overlay-content.ts";
import { readContent } from "../content/read-content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { type CreateImageOptions, createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { collect } from "../testing/streams.ts";
import { openImage } from "../view/open-image.ts";
import { convertImage } from "./convert-image.ts";

const amd64 = { os: "linux", architecture: "amd64" };
const image = (options: Partial<CreateImageOptions> = {}) =>
  createImage({
    layers: [
      { tar: createLayer([{ path: "a", type: "file", content: "x".repeat(10_000) }]) },
      { tar: createLayer([{ path: "b", type: "file", content: "y".repeat(10_000) }]), compression: "none" },
    ],
    platform: amd64,
    ...options,
  });
const json = async (content: Parameters<typeof readContent>[0], descriptor: Descriptor) =>
  JSON.parse(Buffer.from(await readContent(content, descriptor)).toString());

describe("convertImage()", () => {
  test("goes to schema 2 and back to the very same bytes", async () => {
    const { descriptor, content } = await image();
    const docker = await convertImage(descriptor, content, { to: "schema2" });
    const manifest = await json(docker.content, docker.root);
    expect(manifest).toMatchObject({
      mediaType: mediaTypes.dockerManifest,
      config: { mediaType: mediaTypes.dockerConfig },
      layers: [{ mediaType: mediaTypes.dockerLayerTarGzip }, { mediaType: mediaTypes.dockerLayerTar }],
    });
    const back = await convertImage(docker.root, docker.content, { to: "oci" });
    expect(back.root.digest).toBe(descriptor.digest);
    expect(docker.lost).toEqual([]);
  });

  test("keeps everything byte for byte when nothing is to change", async () => {
    const { descriptor, content } = await image({ annotations: { a: "b" } });
    expect((await convertImage(descriptor, content, {})).root).toBe(descriptor);
    expect((await convertImage(descriptor, content, { to: "oci" })).root).toBe(descriptor);
  });

  test.for(["gzip", "zstd", "none"] as const)(
    "compresses layers as %s, with and without a spool",
    async (compression) => {
      const { descriptor, content } = await image();
      const spool = async (bytes: AsyncIterable<Uint8Array>) => bufferFile(await collect(bytes));
      const [one, two] = await Promise.all([
        convertImage(descriptor, content, { compression }),
        convertImage(descriptor, content, { compression, spool }),
      ]);
      expect(one.root).toEqual(two.root);
      for (const made of [one, two]) {
        const to = memoryContent();
        await copyImage(made.root, made.content, to);
        const before = await openImage(content, descriptor, { platform: amd64 });
        const after = await openImage(to, made.root, { platform: amd64 });
        expect(after.layers.map((layer) => layer.compression)).toEqual([compression, compression]);
        expect(after.layers.map(({ diffId }) => diffId)).toEqual(before.layers.map(({ diffId }) => diffId));
        expect(after.configDescriptor).toEqual(before.configDescriptor);
        const [layer] = after.layers;
        const all = await collect(await made.content.fetch(layer!.descriptor));
        expect(await collect(await made.content.fetch(layer!.descriptor, { offsetBytes: 7 }))).toEqual(all.subarray(7));
      }
    },
  );

  test("compresses anew with another level only when forced", async () => {
    const { descriptor, content } = await image();
    const same = await convertImage(descriptor, content, { compression: "gzip", level: 1 });
    const forced = await convertImage(descriptor, content, { compression: "gzip", level: 1, forceCompression: true });
    const digests = async ({ root, content: from }: typeof same) =>
      (await openImage(from, root, { platform: amd64 })).layers.map(({ descriptor: each }) => each.digest);
    expect((await digests(same))[0]).toBe((await openImage(content, descriptor)).layers[0]?.descriptor.digest);
    expect((await digests(forced))[0]).not.toBe((await digests(same))[0]);
  });

  test("refuses zstd in schema 2 until another compression is asked for", async () => {
    const { descriptor, content } = await createImage({
      layers: [{ tar: createLayer([]), compression: "zstd" }],
      platform: amd64,
    });
    const refused = { kind: "unsupported", code: "image.zstd-schema2" };
    await expect(convertImage(descriptor, content, { to: "schema2" })).rejects.toMatchObject(refused);
    await expect(convertImage(descriptor, content, { to: "schema2", compression: "zstd" })).rejects.toMatchObject(
      refused,
    );
    const { root } = await convertImage(descriptor, content, { to: "schema2", compression: "gzip" });
    expect(root.mediaType).toBe(mediaTypes.dockerManifest);
  });

  test("loses annotations only when allowed, and says so", async () => {
    const { descriptor, content } = await image({ annotations: { a: "b" } });
    await expect(convertImage(descriptor, content, { to: "schema2" })).rejects.toMatchObject({
      code: "image.schema2-loss",
    });
    const made = await convertImage(descriptor, content, { to: "schema2", lossy: true });
    expect(made.lost).toEqual(["annotations of the manifest"]);
    expect(await json(made.content, made.root)).not.toHaveProperty("annotations");
  });

  test("keeps foreign layers that are not there, with their addresses", async () => {
    const { descriptor, content } = await image();
    const manifest = await json(content, descriptor);
    const urls = ["https://example.test/layer"];
    const absent = { mediaType: mediaTypes.foreignLayerTarGzip, digest: digestOf("absent"), size: 6, urls };
    const into = overlayContent(content);
    const root = into.addJson(descriptor.mediaType, { ...manifest, layers: [absent, ...manifest.layers] });
    const made = await convertImage(root, into, { to: "schema2", compression: "gzip" });
    const docker = await json(made.content, made.root);
    expect(docker.layers[0]).toEqual({ ...absent, mediaType: mediaTypes.dockerForeignLayerTarGzip });
    const back = await convertImage(made.root, made.content, { to: "oci" });
    expect((await json(back.content, back.root)).layers[0]).toEqual(absent);
  });

  test("drops what says where things are in bytes that are no more", async () => {
    const { descriptor, content } = await image();
    const manifest = await json(content, descriptor);
    manifest.layers[0].annotations = { "io.github.containers.zstd-chunked.manifest-position": "1", kept: "yes" };
    const into = overlayContent(content);
    const made = await convertImage(into.addJson(descriptor.mediaType, manifest), into, { compression: "zstd" });
    expect((await json(made.content, made.root)).layers[0].annotations).toEqual({ kept: "yes" });
  });

  test("keeps members it does not know, and the algorithm of digests", async () => {
    const made = await image({ algorithm: "sha512" });
    const into = overlayContent(made.content);
    const manifest = { ...(await json(made.content, made.descriptor)), "x-more": [1] };
    const root = into.addJson(made.descriptor.mediaType, manifest, "sha512");
    const { root: after, content } = await convertImage(root, into, { compression: "zstd" });
    expect(after.digest).toMatch(/^sha512:/);
    const value = await json(content, after);
    expect(value["x-more"]).toEqual([1]);
    expect(value.layers.every(({ digest }: Descriptor) => digest.startsWith("sha512:"))).toBe(true);
    await copyImage(after, content, memoryContent());
  });

  test("converts a whole index, with the attestation about an image that became another", async () => {
    const [one, two] = [await image(), await image({ platform: { os: "linux", architecture: "arm", variant: "v7" } })];
    const into = overlayContent({
      fetch: (descriptor) => one.content.fetch(descriptor).catch(() => two.content.fetch(descriptor)),
    });
    const statement = into.addJson("application/vnd.in-toto+json", {});
    const attestation = {
      ...into.addJson(mediaTypes.imageManifest, {
        schemaVersion: 2,
        config: one.configDescriptor,
        layers: [statement],
      }),
      platform: { os: "unknown", architecture: "unknown" },
      annotations: {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": one.descriptor.digest,
      },
    };
    const manifests = [one.descriptor, two.descriptor, attestation];
    const root = into.addJson(mediaTypes.imageIndex, { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests });
    expect((await convertImage(root, into, { all: true, to: "oci" })).root).toBe(root);

    const zstd = await convertImage(root, into, { all: true, compression: "zstd" });
    const index = await json(zstd.content, zstd.root);
    expect(index.manifests[2].annotations["vnd.docker.reference.digest"]).toBe(index.manifests[0].digest);
    expect(index.manifests[1].platform).toEqual({ os: "linux", architecture: "arm", variant: "v7" });

    await expect(convertImage(root, into, { all: true, to: "schema2" })).rejects.toMatchObject({
      code: "image.schema2-loss",
    });
    const docker = await convertImage(root, into, { all: true, to: "schema2", lossy: true });
    expect(docker.root.mediaType).toBe(mediaTypes.dockerManifestList);
    expect(docker.lost).toEqual(["attestations and other artifacts"]);
    const list = await json(docker.content, docker.root);
    expect(list.manifests.map((each: Descriptor) => [each.mediaType, each.platform?.architecture])).toEqual([
      [mediaTypes.dockerManifest, "amd64"],
      [mediaTypes.dockerManifest, "arm"],
    ]);
    expect((await convertImage(docker.root, docker.content, { all: true, to: "schema2" })).root).toBe(docker.root);
    await copyImage(docker.root, docker.content, memoryContent(), { all: true });
    const single = await convertImage(root, into, { platform: amd64, to: "schema2" });
    expect(isIndexType(single.root.mediaType)).toBe(false);
  });

  test("passes on what a source says, and finds damage while compressing", async () => {
    const { descriptor, content, layers } = await image();
    const from = {
      fetch: async (wanted: Descriptor) => {
        const stream = await content.fetch(wanted);
        if (wanted.digest !== layers[1]?.digest) return stream;
        const bytes = Buffer.from(await collect(stream));
        bytes[600] = 1;
        return (async function* () {
          yield bytes;
        })();
      },
    };
    await expect(convertImage(descriptor, from, { compression: "gzip" })).rejects.toMatchObject({
      code: "image.digest",
    });
  });
});
