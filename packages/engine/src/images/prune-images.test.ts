import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { putContainer } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { listImages } from "./list-images.ts";
import { pruneImages } from "./prune-images.ts";

async function scene() {
  const engine = await scratchEngine();
  putImage(engine, makeImage("named"), ["docker.io/library/named:1"]);
  putImage(engine, makeImage("used"), []);
  putImage(engine, makeImage("lost", { Labels: { keep: "no" } }), []);
  putImage(engine, makeImage("pinned", {}, { pulledByDigest: true }), []);
  putContainer(engine, { imageId: makeImage("used").id });
  return engine;
}

const seeds = ["named", "used", "lost", "pinned"];
const ids = (images: readonly { id: string }[]) =>
  seeds.filter((seed) => images.some(({ id }) => id === makeImage(seed).id));

describe("pruneImages()", () => {
  test("pruneImages() takes those without a name that nobody uses or asked for by digest", async () => {
    const engine = await scene();
    expect(ids((await pruneImages(engine)).deleted)).toEqual(["lost"]);
    expect(ids(listImages(engine))).toEqual(["named", "used", "pinned"]);
  });

  test("pruneImages() with all takes everything that no container uses", async () => {
    const engine = await scene();
    expect(ids((await pruneImages(engine, { all: true })).deleted)).toEqual(["named", "lost", "pinned"]);
    expect(ids(listImages(engine))).toEqual(["used"]);
  });

  test("pruneImages() takes only what the filters let through", async () => {
    const engine = await scene();
    const keep = { filters: { notLabels: [{ name: "keep" }] } };
    expect((await pruneImages(engine, keep)).deleted).toEqual([]);
    expect(ids((await pruneImages(engine, { all: true, filters: { labels: [{ name: "keep" }] } })).deleted)).toEqual([
      "lost",
    ]);
  });

  test("pruneImages() frees blobs that nothing names, and none that an image does", async () => {
    const engine = await scene();
    const push = async (text: string) => {
      const blob = { mediaType: "text/plain", digest: digestOf(text), size: text.length };
      await engine.storage.content.push(blob, new Blob([text]).stream());
      return blob;
    };
    const [stray, kept] = [await push("nobody's"), await push("manifest named")];
    const { freedBytes } = await pruneImages(engine);
    expect(freedBytes).toBe(stray.size);
    expect([await engine.storage.content.exists(stray), await engine.storage.content.exists(kept)]).toEqual([
      false,
      true,
    ]);
  });
});
