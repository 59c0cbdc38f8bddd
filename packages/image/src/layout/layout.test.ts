import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { copyImage } from "../copy/copy-image.ts";
import { createImage } from "../make/create-image.ts";
import { createLayer } from "../make/create-layer.ts";
import { collect, inPieces } from "../testing/streams.ts";
import { openImage } from "../view/open-image.ts";
import { type LayoutFiles, openLayout } from "./open-layout.ts";

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
