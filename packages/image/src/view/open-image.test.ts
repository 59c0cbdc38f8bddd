import { type Descriptor, type Digest, digestOf, mediaTypes, type Platform } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { type MemoryContent, memoryContent } from "../content/memory-content.ts";
import { createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { inPieces } from "../testing/streams.ts";
import { chainIds } from "./chain-ids.ts";
import { choosePlatform } from "./choose-platform.ts";
import { openImage } from "./open-image.ts";

const tar = () => createLayer([{ path: "a", type: "file", content: "x" }]);

async function put(content: MemoryContent, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = typeof value === "string" ? Buffer.from(value) : Buffer.from(JSON.stringify(value));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  await content.push(descriptor, inPieces(bytes));
  return descriptor;
}

describe("openImage()", () => {
  test("reads OCI and Docker images alike", async () => {
    for (const docker of [false, true]) {
      const image = await createImage({
        layers: [{ tar: tar() }, { tar: tar(), compression: "zstd" }],
        config: { Cmd: ["/a"] },
        docker,
      });
      const view = await openImage(image.content, image.descriptor);
      expect(view.config.config?.Cmd).toEqual(["/a"]);
      expect(view.layers.map(({ compression }) => compression)).toEqual(["gzip", "zstd"]);
      const [lower, upper] = view.layers;
      expect(lower?.diffId).toBe(upper?.diffId);
      expect(lower?.chainId).toBe(lower?.diffId);
      expect(upper?.chainId).toBe(digestOf(`${lower?.diffId} ${upper?.diffId}`));
      expect(view.configDescriptor.digest).toBe(image.configDescriptor.digest);
    }
  });

  test("finds its platform through an index in an index", async () => {
    const content = memoryContent();
    const children: Descriptor[] = [];
    for (const architecture of ["amd64", "arm64"]) {
      const image = await createImage({ layers: [{ tar: tar() }], platform: { os: "linux", architecture } });
      for (const [digest, bytes] of image.content.blobs)
        await content.push({ mediaType: "x", digest: digest as Digest, size: bytes.length }, inPieces(bytes));
      children.push(image.descriptor);
    }
    const inner = await put(content, mediaTypes.imageIndex, {
      schemaVersion: 2,
      mediaType: mediaTypes.imageIndex,
      manifests: children,
    });
    const outer = await put(content, mediaTypes.imageIndex, {
      schemaVersion: 2,
      manifests: [{ ...inner, platform: { os: "linux", architecture: "arm64" } }],
    });
    const view = await openImage(content, outer, { platform: { os: "linux", architecture: "arm64" } });
    expect(view.config.architecture).toBe("arm64");
    await expect(openImage(content, outer, { platform: { os: "linux", architecture: "s390x" } })).rejects.toMatchObject(
      {
        kind: "not-found",
        code: "image.no-platform",
        message: expect.stringContaining("it has linux/arm64"),
      },
    );
  });

  test("refuses indexes nested without end", async () => {
    const content = memoryContent();
    let index = await put(content, mediaTypes.imageIndex, { schemaVersion: 2, manifests: [] });
    for (let depth = 0; depth < 6; depth += 1)
      index = await put(content, mediaTypes.imageIndex, { schemaVersion: 2, manifests: [index] });
    await expect(openImage(content, index)).rejects.toMatchObject({ code: "image.index-depth" });
  });

  test("says of what type an artifact is", async () => {
    const content = memoryContent();
    const empty = await put(content, mediaTypes.empty, "{}");
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.imageManifest, config: empty, layers: [empty] };
    const artifact = await put(content, mediaTypes.imageManifest, {
      ...manifest,
      artifactType: "application/vnd.example+type",
    });
    await expect(openImage(content, artifact)).rejects.toMatchObject({
      kind: "unsupported",
      code: "image.artifact",
      message: expect.stringContaining("is an artifact of type application/vnd.example+type, not an image"),
    });
    const config = await put(content, mediaTypes.imageConfig, "{}");
    const chart = await put(content, mediaTypes.imageManifest, {
      ...manifest,
      config,
      layers: [{ ...empty, mediaType: "application/vnd.chart" }],
    });
    await expect(openImage(content, chart)).rejects.toMatchObject({
      code: "image.artifact",
      message: expect.stringContaining("vnd.chart"),
    });
    await expect(openImage(content, { ...empty, mediaType: "text/plain" })).rejects.toMatchObject({
      code: "image.artifact",
    });
  });

  test("refuses Docker's schema 1 by name", async () => {
    const content = memoryContent();
    for (const suffix of ["json", "prettyjws"]) {
      const old = await put(content, `application/vnd.docker.distribution.manifest.v1+${suffix}`, { schemaVersion: 1 });
      await expect(openImage(content, old)).rejects.toMatchObject({ kind: "unsupported", code: "image.schema1" });
    }
  });

  test("believes no bytes that are not those of the digest", async () => {
    const image = await createImage({ layers: [{ tar: tar() }] });
    for (const victim of [image.descriptor, image.configDescriptor]) {
      const blobs = new Map(image.content.blobs);
      const bent = Buffer.from(blobs.get(victim.digest) ?? []);
      bent[bent.length - 2] = 0x20;
      const fetcher = {
        fetch: async (wanted: Descriptor) =>
          inPieces(wanted.digest === victim.digest ? bent : (blobs.get(wanted.digest) ?? Buffer.alloc(0))),
      };
      await expect(openImage(fetcher, image.descriptor)).rejects.toMatchObject({
        kind: "corrupt",
        code: "image.digest",
      });
      const longer = { fetch: async () => inPieces(Buffer.concat([bent, bent])) };
      await expect(openImage(longer, image.descriptor)).rejects.toMatchObject({ code: "image.size" });
      const shorter = { fetch: async () => inPieces(bent.subarray(0, 10)) };
      await expect(openImage(shorter, image.descriptor)).rejects.toMatchObject({ code: "image.size" });
    }
  });

  test("reads nothing larger than a document may be", async () => {
    const image = await createImage({ layers: [] });
    await expect(openImage(image.content, { ...image.descriptor, size: 5 * 1024 * 1024 })).rejects.toMatchObject({
      code: "image.too-large",
    });
  });

  test("refuses a document of another type than its descriptor says", async () => {
    const content = memoryContent();
    const image = await createImage({ layers: [], docker: true });
    const bytes = image.content.blobs.get(image.descriptor.digest) ?? Buffer.alloc(0);
    await content.push(image.descriptor, inPieces(bytes));
    await expect(
      openImage(content, { ...image.descriptor, mediaType: mediaTypes.imageManifest }),
    ).rejects.toMatchObject({ code: "image.media-type" });
  });

  test("refuses a configuration with another number of layers", async () => {
    const image = await createImage({ layers: [{ tar: tar() }] });
    const manifest = JSON.parse(Buffer.from(image.content.blobs.get(image.descriptor.digest) ?? []).toString());
    manifest.layers.push(manifest.layers[0]);
    const more = await put(image.content, mediaTypes.imageManifest, manifest);
    await expect(openImage(image.content, more)).rejects.toMatchObject({ code: "image.layer-count" });
  });

  test("passes on that something is absent", async () => {
    const image = await createImage({ layers: [] });
    await expect(openImage(memoryContent(), image.descriptor)).rejects.toMatchObject({ kind: "not-found" });
  });
});

describe("choosePlatform()", () => {
  const of = (text: string): Platform => {
    const [os = "", architecture = "", variant] = text.split("/");
    return { os, architecture, ...(variant ? { variant } : {}) };
  };
  const index = (...platforms: (string | undefined)[]) =>
    platforms.map((platform, number) => ({
      mediaType: mediaTypes.imageManifest,
      digest: digestOf(String(number)),
      size: 1,
      ...(platform ? { platform: of(platform) } : {}),
    }));
  const chosen = (platforms: (string | undefined)[], wanted: string) => {
    const manifests = index(...platforms);
    return manifests.indexOf(choosePlatform(manifests, of(wanted)) as (typeof manifests)[number]);
  };

  test.each<[string, (string | undefined)[], number]>([
    ["linux/amd64", ["linux/arm64/v8", "linux/amd64", "windows/amd64"], 1],
    ["linux/arm64", ["linux/amd64", "linux/arm64/v8"], 1],
    ["linux/arm64/v8", ["linux/amd64", "linux/arm64"], 1],
    ["linux/arm/v7", ["linux/arm/v5", "linux/arm/v6", "linux/arm64"], 1],
    ["linux/arm/v7", ["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"], 1],
    ["linux/arm", ["linux/arm/v6", "linux/arm/v7"], 1],
    ["linux/arm/v6", ["linux/arm/v7", "linux/arm/v6"], 1],
    ["linux/amd64", ["linux/amd64/v2", "linux/amd64"], 1],
    ["linux/amd64/v3", ["linux/amd64/v4", "linux/amd64/v2", "linux/amd64"], 1],
    ["linux/x86_64", ["linux/arm64", "linux/amd64"], 1],
    ["linux/amd64", ["linux/amd64", "linux/amd64"], 0],
    ["linux/amd64", [undefined], 0],
  ])("takes for %s of %j the one at %i", (wanted, platforms, expected) => {
    expect(chosen(platforms, wanted)).toBe(expected);
  });

  test("refuses variants that are too new, other systems, and several manifests without platform", () => {
    for (const [wanted, platforms] of [
      ["linux/arm/v6", ["linux/arm/v7"]],
      ["linux/amd64", ["windows/amd64"]],
      ["linux/amd64", [undefined, undefined]],
      ["linux/amd64", []],
    ] as const)
      expect(() => choosePlatform(index(...platforms), of(wanted))).toThrow(
        expect.objectContaining({ code: "image.no-platform" }),
      );
  });

  test("passes over attestations and artifacts", () => {
    const [image, attestation] = index("linux/amd64", "unknown/unknown");
    const marked = {
      ...index("linux/amd64")[0],
      annotations: { "vnd.docker.reference.type": "attestation-manifest" },
    } as Descriptor;
    const artifact = { ...index("linux/amd64")[0], artifactType: "application/x" } as Descriptor;
    expect(choosePlatform([marked, artifact, attestation as Descriptor, image as Descriptor], of("linux/amd64"))).toBe(
      image,
    );
  });
});

test("chainIds() gives the ids of the specification's recursion", () => {
  const [a, b, c] = [digestOf("a"), digestOf("b"), digestOf("c")];
  expect(chainIds([])).toEqual([]);
  const ab = digestOf(`${a} ${b}`);
  expect(chainIds([a, b, c])).toEqual([a, ab, digestOf(`${ab} ${c}`)]);
});
