import { type Descriptor, digestOf, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { type MemoryContent, memoryContent } from "../content/memory-content.ts";
import { type CreatedImage, createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { inPieces } from "../testing/streams.ts";
import { openImage } from "../view/open-image.ts";
import { type CopyProgress, type CopyTarget, copyImage } from "./copy-image.ts";

const layer = (text: string) => ({ tar: createLayer([{ path: "f", type: "file", content: text.repeat(1000) }]) });
const small = () => createImage({ layers: [layer("one"), layer("two"), layer("three")] });

async function multiPlatform(): Promise<{ content: MemoryContent; root: Descriptor; images: CreatedImage[] }> {
  const content = memoryContent();
  const images: CreatedImage[] = [];
  for (const architecture of ["amd64", "arm64"]) {
    const image = await createImage({
      layers: [layer("shared"), layer(architecture)],
      platform: { os: "linux", architecture },
    });
    await copyImage(image.descriptor, image.content, content);
    images.push(image);
  }
  const manifests = images.map(({ descriptor }) => descriptor);
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests }));
  const root = { mediaType: mediaTypes.imageIndex, digest: digestOf(bytes), size: bytes.length };
  await content.push(root, inPieces(bytes));
  return { content, root, images };
}

describe("copyImage()", () => {
  test("brings all of an image, the manifest last", async () => {
    const image = await small();
    const to = memoryContent();
    expect(await copyImage(image.descriptor, image.content, to)).toBe(image.descriptor);
    expect(to.blobs).toEqual(image.content.blobs);
    expect([...to.blobs.keys()].at(-1)).toBe(image.descriptor.digest);
    expect((await openImage(to, image.descriptor)).layers).toHaveLength(3);
  });

  test("asks the source for content and signal alone", async () => {
    const image = await small();
    const asked: object[] = [];
    const from = {
      fetch: (descriptor: Descriptor, options: object = {}) => {
        asked.push(options);
        return image.content.fetch(descriptor, options);
      },
    };
    await copyImage(image.descriptor, from, memoryContent(), { onProgress: () => {}, all: true });
    expect(asked.every((options) => Object.keys(options).every((name) => name === "signal"))).toBe(true);
  });

  test("leaves out layers that are not to be handed on, when told to", async () => {
    const image = await small();
    const foreign = { mediaType: mediaTypes.foreignLayerTarGzip, digest: digestOf("absent"), size: 6 };
    const manifest = JSON.parse(Buffer.from(image.content.blobs.get(image.descriptor.digest) ?? []).toString());
    for (const urls of [["https://example.test/layer"], undefined]) {
      const bytes = Buffer.from(JSON.stringify({ ...manifest, layers: [{ ...foreign, urls }, ...manifest.layers] }));
      const root = { mediaType: mediaTypes.imageManifest, digest: digestOf(bytes), size: bytes.length };
      await image.content.push(root, inPieces(bytes));
      const copy = (skipForeign: boolean) => copyImage(root, image.content, memoryContent(), { skipForeign });
      await expect(copy(false)).rejects.toMatchObject({ kind: "not-found" });
      if (urls) await copy(true);
      else await expect(copy(true)).rejects.toMatchObject({ kind: "not-found" });
    }
  });

  test("passes over what is there and tells how far each part is", async () => {
    const image = await small();
    const to = memoryContent();
    const [first] = image.layers as [Descriptor];
    await to.push(first, inPieces(image.content.blobs.get(first.digest) ?? Buffer.alloc(0)));
    const progress: CopyProgress[] = [];
    await copyImage(image.descriptor, image.content, to, { onProgress: (each) => progress.push(each) });
    const of = ({ digest }: Descriptor) =>
      progress.filter(({ descriptor }) => descriptor.digest === digest).map(({ state, bytes }) => [state, bytes]);
    expect(of(first)).toEqual([["exists", first.size]]);
    for (const each of [image.configDescriptor, image.descriptor])
      expect(of(each)).toEqual([
        ["started", 0],
        ["transferring", each.size],
        ["done", each.size],
      ]);
  });

  test("takes one platform of an index, or all with the index last", async () => {
    const { content, root, images } = await multiPlatform();
    const [, arm] = images as [CreatedImage, CreatedImage];
    const one = memoryContent();
    const platform = { os: "linux", architecture: "arm64" };
    expect((await copyImage(root, content, one, { platform })).digest).toBe(arm.descriptor.digest);
    expect(one.blobs.size).toBe(4);
    const all = memoryContent();
    expect(await copyImage(root, content, all, { all: true })).toBe(root);
    expect(all.blobs).toEqual(content.blobs);
    expect([...all.blobs.keys()].at(-1)).toBe(root.digest);
  });

  test("has no more than so many blobs under way at once", async () => {
    const image = await createImage({ layers: Array.from({ length: 12 }, (_, index) => layer(String(index))) });
    for (const concurrency of [1, 3]) {
      let now = 0;
      let most = 0;
      const from = {
        fetch: async (descriptor: Descriptor) => {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setTimeout(resolve, 2));
          now -= 1;
          return image.content.fetch(descriptor);
        },
      };
      await copyImage(image.descriptor, from, memoryContent(), { concurrency });
      expect(most).toBe(concurrency);
    }
  });

  test("throws the first failure, stops the others and writes no manifest", async () => {
    const image = await small();
    const [bad] = image.layers as [Descriptor];
    let stopped = 0;
    const from = {
      async fetch(descriptor: Descriptor, { signal }: { signal?: AbortSignal } = {}) {
        if (descriptor.digest === bad.digest) throw new RangeError("no route");
        if (!image.layers.some(({ digest }) => digest === descriptor.digest)) return image.content.fetch(descriptor);
        return new Promise<never>((_, reject) => {
          signal?.addEventListener("abort", () => {
            stopped += 1;
            reject(signal.reason);
          });
        });
      },
    };
    const to = memoryContent();
    await expect(copyImage(image.descriptor, from, to)).rejects.toMatchObject({
      kind: "internal",
      message: expect.stringContaining("no route"),
    });
    expect(stopped).toBe(2);
    expect(to.blobs.has(image.descriptor.digest)).toBe(false);
  });

  test("stops at a signal", async () => {
    const image = await small();
    const stop = new AbortController();
    const from = {
      fetch: async (descriptor: Descriptor) => {
        stop.abort();
        return image.content.fetch(descriptor);
      },
    };
    await expect(copyImage(image.descriptor, from, memoryContent(), { signal: stop.signal })).rejects.toMatchObject({
      kind: "cancelled",
    });
  });

  test("lets a target that can continue say where to begin", async () => {
    const image = await small();
    const [first] = image.layers as [Descriptor];
    const to: CopyTarget & MemoryContent = {
      ...memoryContent(),
      async receive(descriptor, open) {
        const half = descriptor.digest === first.digest ? 100 : 0;
        const head = (image.content.blobs.get(descriptor.digest) ?? Buffer.alloc(0)).subarray(0, half);
        const rest = await open(half);
        await this.push(
          descriptor,
          (async function* () {
            yield head;
            yield* rest;
          })(),
        );
      },
    };
    const progress: CopyProgress[] = [];
    await copyImage(image.descriptor, image.content, to, { onProgress: (each) => progress.push(each) });
    expect(to.blobs).toEqual(image.content.blobs);
    expect(progress).toContainEqual({
      descriptor: expect.objectContaining({ digest: first.digest }),
      state: "transferring",
      bytes: first.size,
    });
  });

  test("copies a blob once that is a layer twice", async () => {
    const image = await createImage({ layers: [layer("same"), layer("same")] });
    let fetched = 0;
    const from = {
      fetch: (descriptor: Descriptor) => {
        fetched += 1;
        return image.content.fetch(descriptor);
      },
    };
    await copyImage(image.descriptor, from, memoryContent());
    expect(fetched).toBe(3);
  });
});
