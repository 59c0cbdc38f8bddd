import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createLayer, type LayerEntry } from "@galley/image";
import { describe, expect, test } from "vitest";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { scratchFolder } from "../testing/scratch-folder.ts";
import { loadImages } from "./load-images.ts";

async function* streamOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/** A small tar archive. */
async function tar(entry: LayerEntry): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createLayer([entry])) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

const tree = await tar({ path: "etc", type: "directory" });
const emptyIndex = JSON.stringify({ schemaVersion: 2, manifests: [] });
const archives: readonly [string, Uint8Array, string][] = [
  ["nothing", Buffer.alloc(0), "image.not-an-archive"],
  ["text", Buffer.from("hello\n".repeat(200)), "image.not-an-archive"],
  ["another archive", tree, "image.not-an-archive"],
  ["a compressed other archive", gzipSync(tree), "image.not-an-archive"],
  [
    "an archive of no image",
    await tar({ path: "index.json", type: "file", content: emptyIndex }),
    "engine.archive-empty",
  ],
];

describe("loadImages()", () => {
  test.each(archives)(
    "loadImages() says of %s what it is not, from a file and from a stream",
    async (_, bytes, code) => {
      const [engine, folder] = [await scratchEngine(), await scratchFolder()];
      const path = join(folder, "archive");
      await writeFile(path, bytes);
      await expect(loadImages(engine, path)).rejects.toMatchObject({ code });
      await expect(loadImages(engine, streamOf(bytes))).rejects.toMatchObject({ code });
      expect(await readdir(`${engine.places.root}/content/staging`)).toEqual([]);
    },
  );

  test("loadImages() tells of a path that is not there, and of a directory of other things", async () => {
    const [engine, folder] = [await scratchEngine(), await scratchFolder()];
    const missing = join(folder, "nosuch");
    await expect(loadImages(engine, missing)).rejects.toMatchObject({
      kind: "not-found",
      message: expect.stringContaining(`load ${missing}`),
    });
    await mkdir(join(folder, "things"));
    await expect(loadImages(engine, join(folder, "things"))).rejects.toMatchObject({ kind: "unsupported" });
  });

  test("loadImages() passes on the error of its stream and stops at a signal", async () => {
    const engine = await scratchEngine();
    const broken = async function* () {
      yield tree.subarray(0, 100);
      throw new RangeError("the line is cut");
    };
    await expect(loadImages(engine, broken())).rejects.toThrow("the line is cut");
    const signal = AbortSignal.abort();
    await expect(loadImages(engine, streamOf(Buffer.alloc(1024)), { signal })).rejects.toMatchObject({
      kind: "cancelled",
    });
  });
});
