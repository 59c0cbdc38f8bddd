import { type Descriptor, digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { memoryContent } from "../content/memory-content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { collect, type ForgedEntry, forge, inPieces } from "../testing/forge.ts";
import { openImage } from "../view/open-image.ts";
import { type LayoutFiles, openLayout } from "./open-layout.ts";
import { readArchive } from "./read-archive.ts";
import { writeArchive } from "./write-archive.ts";

function memoryFiles(): LayoutFiles & { readonly names: Map<string, Uint8Array> } {
  const names = new Map<string, Uint8Array>();
  return {
    names,
    size: async (name) => names.get(name)?.length,
    read: (name, offsetBytes) => inPieces((names.get(name) ?? Buffer.alloc(0)).subarray(offsetBytes)),
    write: async (name, content) => void names.set(name, await collect(content)),
  };
}

const image = () =>
  createImage({
    layers: [{ tar: createLayer([{ path: "a", type: "file", content: "x" }]) }],
    annotations: { note: "kept" },
  });

describe("openLayout()", () => {
  test("holds an image under a tag as the specification lays it out", async () => {
    const { descriptor, content } = await image();
    const files = memoryFiles();
    const layout = openLayout(files);
    await layout.tag("latest", await copyImage(descriptor, content, layout));
    expect(JSON.parse(Buffer.from(files.names.get("oci-layout") ?? []).toString())).toEqual({
      imageLayoutVersion: "1.0.0",
    });
    expect([...files.names.keys()].filter((name) => name.startsWith("blobs/sha256/"))).toHaveLength(3);
    for (const reference of ["latest", "", descriptor.digest])
      expect((await layout.resolve(reference)).digest).toBe(descriptor.digest);
    expect((await openImage(layout, await layout.resolve("latest"))).layers).toHaveLength(1);
  });

  test("moves a tag and keeps the others", async () => {
    const layout = openLayout(memoryFiles());
    const [one, other] = [await image(), await createImage({ layers: [] })];
    await layout.tag("a", one.descriptor);
    await layout.tag("b", one.descriptor);
    await layout.tag("a", other.descriptor);
    expect((await layout.resolve("a")).digest).toBe(other.descriptor.digest);
    expect((await layout.resolve("b")).digest).toBe(one.descriptor.digest);
    await expect(layout.resolve("")).rejects.toMatchObject({ kind: "not-found" });
    await expect(layout.resolve("c")).rejects.toMatchObject({ code: "image.reference-unknown" });
  });

  test("writes no blob with another digest and reads none that is absent", async () => {
    const files = memoryFiles();
    const layout = openLayout(files);
    const descriptor = { mediaType: "x", digest: digestOf("right"), size: 5 };
    await expect(layout.push(descriptor, inPieces(Buffer.from("wrong")))).rejects.toMatchObject({ kind: "corrupt" });
    expect(files.names.size).toBe(0);
    await expect(layout.fetch(descriptor)).rejects.toMatchObject({ kind: "not-found" });
    await expect(layout.fetch({ ...descriptor, digest: "sha256:../../x" as never })).rejects.toMatchObject({
      kind: "invalid",
    });
  });
});

describe("readArchive()", () => {
  test("reads what writeArchive() wrote, in pieces of any size", async () => {
    const { descriptor, content } = await image();
    const archive = await collect(writeArchive(descriptor, content, { reference: "latest" }));
    for (const pieceBytes of [100, archive.length]) {
      const to = memoryContent();
      const { manifests } = await readArchive(inPieces(archive, pieceBytes), to);
      expect(manifests).toMatchObject([
        { digest: descriptor.digest, annotations: { "org.opencontainers.image.ref.name": "latest" } },
      ]);
      expect(to.blobs).toEqual(content.blobs);
    }
  });

  test("ignores names that are no blobs, whatever they try", async () => {
    const tried: string[] = [];
    const to = { push: async ({ digest }: Descriptor) => void tried.push(digest) };
    const hex = "ab".repeat(32);
    const names = [
      "../x",
      "blobs/sha256/../../x",
      `blobs/sha256/${hex.toUpperCase()}`,
      `blobs/sha256/${hex}0`,
      `blobs/md5/${hex}`,
      `blobs/sha256/${hex.slice(1)}`,
      `x/blobs/sha256/${hex}`,
    ];
    const index: ForgedEntry = { name: "./index.json", content: JSON.stringify({ schemaVersion: 2, manifests: [] }) };
    await readArchive(inPieces(forge(...names.map((name) => ({ name, content: "x" })), index)), to);
    expect(tried).toEqual([]);
  });

  test("refuses archives without index, with a huge one, with wrong blobs, and cut ones", async () => {
    const read = (bytes: Uint8Array) => readArchive(inPieces(bytes), memoryContent());
    await expect(read(forge({ name: "a" }))).rejects.toMatchObject({ code: "image.no-index" });
    await expect(read(forge({ name: "index.json", content: Buffer.alloc(5_000_000) }))).rejects.toMatchObject({
      code: "image.too-large",
    });
    await expect(read(forge({ name: `blobs/sha256/${"ab".repeat(32)}`, content: "x" }))).rejects.toMatchObject({
      code: "image.digest",
    });
    const { descriptor, content } = await image();
    const archive = await collect(writeArchive(descriptor, content));
    for (const length of [700, 1100, archive.length - 2000])
      await expect(read(archive.subarray(0, length))).rejects.toMatchObject({
        kind: expect.stringMatching(/corrupt|not-found/),
      });
  });
});
