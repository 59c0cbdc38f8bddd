import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createImage, createLayer, type ImageArchive, openImage } from "@galley/image";
import { openArchiveAt } from "@galley/image/node";
import { layerCompression } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { scratchFolder } from "../testing/scratch-folder.ts";
import { storeMadeImage } from "../testing/store-made-image.ts";
import { saveImages } from "./save-images.ts";
import type { TransferProgress } from "./transfer-progress.ts";

async function stored(engine: Engine, name: string, docker = false) {
  const layers = ["base", name].map((path) => ({
    tar: createLayer([{ path, type: "file", content: path.repeat(5000) }]),
  }));
  return storeMadeImage(engine, await createImage({ layers, config: { Cmd: [name] }, docker }), [
    `localhost/${name}:1`,
    `localhost/${name}:2`,
  ]);
}

/** Opens what was saved: ids and names, and every layer read to its verified end. */
async function contentOf(archive: ImageArchive) {
  const images = [];
  for (const { root, references } of archive.images) {
    const image = await openImage(archive, root);
    const layers = [];
    for (const { descriptor } of image.layers) {
      let bytes = 0;
      for await (const chunk of await archive.fetch(descriptor)) bytes += chunk.length;
      expect(bytes).toBe(descriptor.size);
      layers.push(layerCompression(descriptor.mediaType));
    }
    images.push({ id: image.configDescriptor.digest.slice("sha256:".length), references, layers });
  }
  return images;
}

describe("saveImages()", () => {
  test.each([
    ["docker-archive", ["none", "none"]],
    ["oci-archive", ["gzip", "gzip"]],
    ["oci-dir", ["gzip", "gzip"]],
    ["docker-dir", ["gzip", "gzip"]],
  ] as const)("saveImages() writes a %s with the name that was asked for", async (format, layers) => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    const { id } = await stored(engine, "app");
    const path = join(folder, "saved");
    const told: TransferProgress[] = [];
    await saveImages(engine, ["localhost/app:2"], path, { format, onProgress: (progress) => told.push(progress) });
    await using archive = await openArchiveAt(path);
    expect(archive.format).toBe(format);
    const references = format === "docker-dir" ? [] : ["localhost/app:2"];
    expect(await contentOf(archive)).toEqual([{ id, references, layers }]);
    expect(new Set(told.map(({ state }) => state))).toEqual(new Set(["uploading", "uploaded"]));
    expect(await readdir(folder)).toEqual(["saved"]);
  });

  test.each(["docker-archive", "oci-archive", "oci-dir"] as const)(
    "saveImages() writes several images into a %s, those asked for by their ids without names",
    async (format) => {
      const [engine, folder] = [await scratchEngine(), await scratchFolder()];
      const [one, two] = [await stored(engine, "one"), await stored(engine, "two", true)];
      const path = join(folder, "saved");
      const options = { format, additionalNames: ["extra"] };
      await saveImages(engine, ["localhost/one:1", two.id, "localhost/one:2"], path, options);
      await using archive = await openArchiveAt(path);
      const names = (await contentOf(archive)).map(({ id, references }) => [id, [...references].sort()]);
      const unnamed = format === "oci-dir" ? ["latest"] : [];
      expect(names.sort()).toEqual(
        [
          [one.id, ["docker.io/library/extra:latest", "localhost/one:1", "localhost/one:2"]],
          [two.id, unnamed],
        ].sort(),
      );
    },
  );

  test("saveImages() gives an archive as a stream, the same each time", async () => {
    const engine = await scratchEngine();
    await stored(engine, "app");
    const saved = async (): Promise<Buffer> => {
      const chunks: Uint8Array[] = [];
      await saveImages(engine, ["localhost/app:1"], async (content) => {
        for await (const chunk of content) chunks.push(chunk.slice());
      });
      return Buffer.concat(chunks);
    };
    expect(Buffer.compare(await saved(), await saved())).toBe(0);
  });

  test("saveImages() compresses for a directory when asked, and decompresses for OCI", async () => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    await stored(engine, "app");
    await saveImages(engine, ["localhost/app:1"], join(folder, "plain"), {
      format: "oci-archive",
      compression: "none",
    });
    await using archive = await openArchiveAt(join(folder, "plain"));
    expect((await contentOf(archive))[0]?.layers).toEqual(["none", "none"]);
  });

  test("saveImages() leaves what was there when it fails, and nothing of its own", async () => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    const image = await stored(engine, "app");
    const path = join(folder, "saved.tar");
    await writeFile(path, "precious");
    await engine.storage.content.delete(image.layers[1]?.descriptor.digest as never);
    await expect(saveImages(engine, ["localhost/app:1"], path)).rejects.toMatchObject({ kind: "not-found" });
    expect(await readdir(folder)).toEqual(["saved.tar"]);
    expect(await readFile(path, "utf8")).toBe("precious");
  });

  test("saveImages() refuses what cannot be", async () => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    await stored(engine, "app");
    const save = (names: string[], target: Parameters<typeof saveImages>[2], format: "docker-dir" | "oci-dir") =>
      saveImages(engine, names, target, { format });
    const stream = async () => {};
    await expect(save(["nosuch"], join(folder, "a"), "oci-dir")).rejects.toMatchObject({ kind: "not-found" });
    await expect(save(["localhost/app:1"], stream, "oci-dir")).rejects.toMatchObject({ code: "engine.needs-path" });
    const twice = ["localhost/app:1", "localhost/app:2"];
    await expect(save(twice, join(folder, "b"), "docker-dir")).rejects.toMatchObject({ code: "engine.one-image" });
    await mkdir(join(folder, "mine"));
    await writeFile(join(folder, "mine", "diary"), "dear");
    const foreign = save(["localhost/app:1"], join(folder, "mine"), "docker-dir");
    await expect(foreign).rejects.toMatchObject({ kind: "conflict", code: "engine.not-empty" });
    expect(await readdir(join(folder, "mine"))).toEqual(["diary"]);
  });
});
