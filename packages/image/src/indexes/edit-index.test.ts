import { type Descriptor, digestOf, mediaTypes } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { overlayContent } from "../content/overlay-content.ts";
import { createImage } from "../make/create-image.ts";
import { createIndex, editIndex, type IndexEdit } from "./edit-index.ts";
import { indexMembers } from "./index-members.ts";

const member = (name: string, more: Partial<Descriptor> = {}): Descriptor => ({
  mediaType: mediaTypes.imageManifest,
  digest: digestOf(name),
  size: 1,
  platform: { os: "linux", architecture: "amd64" },
  ...more,
});
const [one, two] = [member("one"), member("two")];
const docker = { mediaType: mediaTypes.dockerManifest };
const edit = async (bytes: Uint8Array, ...edits: IndexEdit[]) => {
  const made = await editIndex(bytes, edits);
  return JSON.parse(Buffer.from(made.bytes).toString());
};

describe("createIndex()", () => {
  test("makes either family, the same bytes every time", () => {
    expect(createIndex({ manifests: [one] })).toEqual(createIndex({ manifests: [one] }));
    expect(createIndex().descriptor.mediaType).toBe(mediaTypes.imageIndex);
    const list = createIndex({ family: "schema2", manifests: [member("one", docker)] });
    expect(list.descriptor.mediaType).toBe(mediaTypes.dockerManifestList);
    expect(createIndex({ algorithm: "sha512" }).descriptor.digest).toMatch(/^sha512:/);
  });

  test("describes itself as the specification lays down", () => {
    const { bytes, descriptor } = createIndex({
      artifactType: "application/vnd.example+json",
      subject: one,
      annotations: { a: "b" },
    });
    expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.imageIndex,
      artifactType: "application/vnd.example+json",
      manifests: [],
      subject: one,
      annotations: { a: "b" },
    });
    expect(descriptor.artifactType).toBe("application/vnd.example+json");
  });

  test.for<[string, Parameters<typeof createIndex>[0]]>([
    ["an OCI manifest", { manifests: [one] }],
    ["no platform", { manifests: [{ ...docker, digest: one.digest, size: 1 }] }],
    ["annotations of a member", { manifests: [member("one", { ...docker, annotations: {} })] }],
    ["annotations", { annotations: { a: "b" } }],
    ["a subject", { subject: one }],
    ["an artifact type", { artifactType: "a/b" }],
  ])("refuses %s in a Docker list", ([, options]) => {
    expect(() => createIndex({ ...options, family: "schema2" })).toThrow(
      expect.objectContaining({ kind: "invalid", code: "image.docker-list" }),
    );
  });

  test("refuses what is no manifest", () => {
    const layer = member("layer", { mediaType: mediaTypes.layerTar });
    expect(() => createIndex({ manifests: [layer] })).toThrow(expect.objectContaining({ code: "image.index-member" }));
  });
});

describe("editIndex()", () => {
  const { bytes } = createIndex({ manifests: [one], annotations: { a: "1", b: "2" } });

  test("adds, replaces in place and removes", async () => {
    const changed = member("one", { platform: { os: "linux", architecture: "arm64" } });
    const both = await edit(bytes, { type: "add", manifests: [two, changed] });
    expect(both.manifests).toEqual([changed, two]);
    expect((await edit(bytes, { type: "remove", digest: one.digest })).manifests).toEqual([]);
  });

  test("annotates a member: platform by parts, pairs set and removed", async () => {
    const once = await editIndex(bytes, [
      {
        type: "annotate",
        digest: one.digest,
        platform: { variant: "v2", "os.version": "10" },
        annotations: { x: "y" },
      },
    ]);
    const [annotated] = JSON.parse(Buffer.from(once.bytes).toString()).manifests;
    expect(annotated.platform).toEqual({ os: "linux", architecture: "amd64", variant: "v2", "os.version": "10" });
    expect(annotated.annotations).toEqual({ x: "y" });
    const [twice] = (
      await edit(once.bytes, {
        type: "annotate",
        digest: one.digest,
        platform: { "os.features": ["f"], features: ["g"] },
        annotations: { x: undefined },
      })
    ).manifests;
    expect(twice).not.toHaveProperty("annotations");
    expect(twice.platform).toMatchObject({ variant: "v2", "os.features": ["f"], features: ["g"] });
  });

  test("describes itself, and keeps members it does not know", async () => {
    const strange = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(bytes).toString()), "x-more": [1] }));
    const value = await edit(strange, { type: "describe", annotations: { a: undefined, c: "3" }, subject: two });
    expect(value).toMatchObject({ annotations: { b: "2", c: "3" }, subject: { digest: two.digest }, "x-more": [1] });
  });

  test("keeps a Docker list a Docker list", async () => {
    const list = createIndex({ family: "schema2", manifests: [member("one", docker)] });
    const added = await editIndex(list.bytes, [{ type: "add", manifests: [member("two", docker)] }]);
    expect(added.descriptor.mediaType).toBe(mediaTypes.dockerManifestList);
    await expect(editIndex(list.bytes, [{ type: "add", manifests: [two] }])).rejects.toMatchObject({
      code: "image.docker-list",
    });
  });

  test("knows no manifest that is not in it", async () => {
    for (const type of ["remove", "annotate"] as const)
      await expect(editIndex(bytes, [{ type, digest: two.digest }])).rejects.toMatchObject({
        kind: "not-found",
        code: "image.not-in-index",
      });
    await expect(editIndex(Buffer.from("{"), [])).rejects.toMatchObject({ kind: "corrupt" });
  });
});

describe("indexMembers()", () => {
  test("tells platforms from configurations, and takes one or all of an index", async () => {
    const platform = { os: "linux", architecture: "arm", variant: "v7" };
    const image = await createImage({ layers: [], platform });
    const { platform: _, ...bare } = image.descriptor;
    expect(await indexMembers(bare, image.content)).toEqual([{ ...bare, platform }]);
    const content = overlayContent(image.content);
    const index = createIndex({ manifests: [one, { ...bare, platform, annotations: { a: "b" } }] });
    const root = content.add(index.descriptor.mediaType, index.bytes);
    expect(await indexMembers(root, content, { platform })).toEqual([{ ...bare, platform }]);
    expect(await indexMembers(root, content, { all: true })).toHaveLength(2);
  });

  test("tells the type of an artifact", async () => {
    const content = overlayContent();
    const config = content.add("application/vnd.example.config", Buffer.from("{}"));
    const root = content.addJson(mediaTypes.imageManifest, { schemaVersion: 2, config, layers: [] });
    expect(await indexMembers(root, content)).toEqual([{ ...root, artifactType: "application/vnd.example.config" }]);
  });
});
