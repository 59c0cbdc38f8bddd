import { describe, expect, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { imageHistory } from "./image-history.ts";

describe("imageHistory()", () => {
  test("imageHistory() puts sizes to the steps that made layers, the last step first", async () => {
    const engine = await scratchEngine();
    const [layer] = makeImage().layers;
    if (!layer) throw new Error("no layer");
    const image = makeImage(
      "image",
      {},
      {
        layers: [{ ...layer, unpackedBytes: 5000 }, layer],
        history: [
          { created: "2026-01-01T00:00:00Z", created_by: "ADD rootfs" },
          { created_by: "CMD sh", empty_layer: true, comment: "said" },
          { created_by: "RUN make", created: "not a date" },
        ],
      },
    );
    putImage(engine, image);
    expect(imageHistory(engine, "image")).toEqual([
      { id: image.id, names: ["docker.io/library/image:latest"], createdBy: "RUN make", comment: "", sizeBytes: 1000 },
      { names: [], createdBy: "CMD sh", comment: "said", sizeBytes: 0 },
      {
        names: [],
        createdBy: "ADD rootfs",
        comment: "",
        sizeBytes: 5000,
        createdAtMs: Date.parse("2026-01-01T00:00:00Z"),
      },
    ]);
  });

  test("imageHistory() hides no layer of an image that tells less than it has", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage("image", {}, { history: [] }));
    expect(imageHistory(engine, "image")).toMatchObject([{ createdBy: "", sizeBytes: 1000 }]);
  });

  test("imageHistory() survives an image that tells more than it has", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage("image", {}, { history: [{ created_by: "a" }, { created_by: "b" }] }));
    expect(imageHistory(engine, "image").map(({ sizeBytes }) => sizeBytes)).toEqual([0, 1000]);
  });
});
