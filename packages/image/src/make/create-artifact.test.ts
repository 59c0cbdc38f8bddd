import { digestOf, emptyDescriptor, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { memoryContent } from "../content/memory-content.ts";
import { readContent } from "../content/read-content.ts";
import { copyImage } from "../copy/copy-image.ts";
import { collect, inPieces } from "../testing/streams.ts";
import { createArtifact } from "./create-artifact.ts";

const artifactType = "application/vnd.example.sbom+json";

describe("createArtifact()", () => {
  test("makes a manifest with the empty configuration, the same every time", async () => {
    const make = () =>
      createArtifact({
        artifactType,
        files: [{ title: "a.txt", mediaType: "text/plain", content: "a", annotations: { x: "y" } }],
        annotations: { note: "n" },
      });
    const { descriptor, content } = await make();
    expect((await make()).descriptor).toEqual(descriptor);
    expect(descriptor.artifactType).toBe(artifactType);
    expect(JSON.parse(Buffer.from(await readContent(content, descriptor)).toString())).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.imageManifest,
      artifactType,
      config: emptyDescriptor,
      layers: [
        {
          mediaType: "text/plain",
          digest: digestOf("a"),
          size: 1,
          annotations: { x: "y", "org.opencontainers.image.title": "a.txt" },
        },
      ],
      annotations: { note: "n" },
    });
    const to = memoryContent();
    await copyImage(descriptor, content, to);
    expect(to.blobs.size).toBe(3);
  });

  test("has the empty layer when there is no file, and takes it away with the first", async () => {
    const empty = await createArtifact({ artifactType, files: [] });
    expect(empty.manifest.layers).toEqual([emptyDescriptor]);
    await copyImage(empty.descriptor, empty.content, memoryContent());
    const append = { root: empty.descriptor, from: empty.content };
    const one = await createArtifact({ files: [{ title: "a", content: "a" }], append, annotations: { a: "b" } });
    const two = await createArtifact({
      files: [{ title: "b", content: "b" }],
      append: { root: one.descriptor, from: one.content },
    });
    expect(two.manifest).toMatchObject({ artifactType, annotations: { a: "b" }, config: emptyDescriptor });
    expect(two.manifest.layers.map(({ digest }) => digest)).toEqual([digestOf("a"), digestOf("b")]);
    await copyImage(two.descriptor, two.content, memoryContent());
  });

  test("takes a configuration, a subject, and content by the piece or from elsewhere", async () => {
    const bytes = Buffer.from("0123456789");
    let opened = 0;
    const open = () => {
      opened += 1;
      return inPieces(bytes, 3);
    };
    const elsewhere = { mediaType: "text/plain", digest: digestOf("far"), size: 3 };
    const { descriptor, manifest, content } = await createArtifact({
      config: { mediaType: "application/vnd.example.config+json", content: "{ }" },
      subject: elsewhere,
      files: [{ content: open }, { title: "far", content: elsewhere }],
    });
    expect(descriptor.artifactType).toBe("application/vnd.example.config+json");
    expect(manifest).not.toHaveProperty("artifactType");
    expect(manifest.subject).toEqual(elsewhere);
    expect(manifest.layers[0]).toEqual({ mediaType: "application/octet-stream", digest: digestOf(bytes), size: 10 });
    expect(manifest.layers[1]).toMatchObject(elsewhere);
    expect(await collect(await content.fetch(manifest.layers[0]!, { offsetBytes: 4 }))).toEqual(bytes.subarray(4));
    expect(opened).toBe(2);
  });

  test("needs a type, and a good one", async () => {
    for (const type of [undefined, "sbom", "a/b c", ""])
      await expect(createArtifact({ artifactType: type, files: [] })).rejects.toMatchObject({
        code: "image.artifact-type",
      });
  });

  test.for(["", "/etc/passwd", "../x", "a/../b", "a//b", "a\0b", "."])("refuses %j as a title", async (title) => {
    await expect(createArtifact({ artifactType, files: [{ title, content: "" }] })).rejects.toMatchObject({
      kind: "invalid",
      code: "image.artifact-title",
    });
  });

  test("refuses a title that comes twice", async () => {
    const files = [1, 2].map(() => ({ title: "a", content: "" }));
    await expect(createArtifact({ artifactType, files })).rejects.toMatchObject({ kind: "conflict" });
  });
});
