import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { type Descriptor, digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { containerRecords } from "../containers/container-record.ts";
import type { Engine } from "../engine.ts";
import { aStart, nobody, putContainer } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine, secondEngine } from "../testing/scratch-engine.ts";
import { findImageEntry } from "./find-image.ts";
import { listImages } from "./list-images.ts";
import { removeImage } from "./remove-image.ts";
import { tagImage } from "./tag-image.ts";

const name = "docker.io/library/image:latest";

async function push(engine: Engine, text: string): Promise<Descriptor> {
  const bytes = Buffer.from(text);
  const blob = { mediaType: "text/plain", digest: digestOf(bytes), size: bytes.length };
  await engine.storage.content.push(blob, new Blob([bytes]).stream());
  return blob;
}

describe("removeImage()", () => {
  test("removeImage() removes an image with its last name", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    expect(await removeImage(engine, "image")).toEqual({ untagged: [name], deleted: [id] });
    expect(listImages(engine)).toEqual([]);
  });

  test.each([false, true])("removeImage() takes one of several names away, with force: %s", async (force) => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    putContainer(engine, { imageId: id });
    tagImage(engine, "image", "second");
    expect(await removeImage(engine, "image", { force })).toEqual({ untagged: [name], deleted: [] });
    expect(findImageEntry(engine, id).names).toEqual(["localhost/second:latest"]);
    expect(containerRecords(engine).list()).toHaveLength(1);
  });

  test("removeImage() by id wants force when there are several names", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    tagImage(engine, "image", "second");
    await expect(removeImage(engine, id)).rejects.toMatchObject({ kind: "conflict", code: "engine.image-has-names" });
    expect(await removeImage(engine, id.slice(0, 12), { force: true })).toMatchObject({ deleted: [id] });
  });

  test("removeImage() removes one without a name by its id", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage(), []);
    expect(await removeImage(engine, id)).toEqual({ untagged: [], deleted: [id] });
  });

  test("removeImage() keeps an image that a container uses, unless forced", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    putContainer(engine, { imageId: id });
    await expect(removeImage(engine, "image")).rejects.toMatchObject({ kind: "conflict", code: "engine.image-in-use" });
    expect(listImages(engine)).toHaveLength(1);
    expect(await removeImage(engine, "image", { force: true })).toMatchObject({ deleted: [id] });
    expect(containerRecords(engine).list()).toEqual([]);
  });

  test("removeImage() does not count containers that were to be gone by now", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    const options = { image: "image", life: { autoRemove: true } };
    putContainer(engine, { imageId: id, options, start: aStart({ starter: nobody }) });
    expect(await removeImage(engine, "image")).toMatchObject({ deleted: [id] });
  });

  test("removeImage() removes the blobs and layers that nothing else needs", async () => {
    const engine = await scratchEngine();
    const [shared, own] = [await push(engine, "shared"), await push(engine, "own")];
    const layer = (descriptor: Descriptor) => ({ descriptor, diffId: descriptor.digest, chainId: descriptor.digest });
    putImage(engine, makeImage("one", {}, { config: own, layers: [layer(shared), layer(own)] }), [name]);
    putImage(engine, makeImage("two", {}, { config: shared, layers: [layer(shared)] }), [
      "docker.io/library/two:latest",
    ]);
    for (const { digest } of [shared, own]) {
      mkdirSync(engine.storage.layers.treePath(digest), { recursive: true });
      const record = { chainId: digest, createdMs: 0, info: {} };
      writeFileSync(`${engine.storage.layers.treePath(digest)}/../record.json`, JSON.stringify(record));
    }
    await removeImage(engine, name);
    expect(await engine.storage.content.exists(shared)).toBe(true);
    expect(await engine.storage.content.exists(own)).toBe(false);
    expect(existsSync(engine.storage.layers.treePath(shared.digest))).toBe(true);
    expect(existsSync(engine.storage.layers.treePath(own.digest))).toBe(false);
  });

  test("removeImage() may be called by many at once", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    const results = await Promise.allSettled(
      [engine, secondEngine(engine), secondEngine(engine)].map((each) => removeImage(each, "image")),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "engine.image-unknown" });
    expect(listImages(engine).map((image) => image.id)).not.toContain(id);
  });

  test.each([
    ["other", "not-found"],
    ["Not A Name", "invalid"],
  ])("removeImage() refuses %s", async (asked, kind) => {
    await expect(removeImage(await scratchEngine(), asked)).rejects.toMatchObject({ kind });
  });
});
