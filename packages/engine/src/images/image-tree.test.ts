import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import type { ImageLayer } from "./image-record.ts";
import { imageTree } from "./image-tree.ts";

function layer(text: string, size: number): ImageLayer {
  const digest = digestOf(text);
  return {
    descriptor: { mediaType: "application/vnd.oci.image.layer.v1.tar", digest, size },
    diffId: digest,
    chainId: digest,
  };
}

const [base, middle, left, right] = [layer("base", 1), layer("middle", 2), layer("left", 3), layer("right", 4)];

async function family() {
  const engine = await scratchEngine();
  putImage(engine, makeImage("base", {}, { layers: [base] }), ["localhost/base:1", "localhost/base:2"]);
  putImage(engine, makeImage("left", {}, { layers: [base, middle, left] }), ["localhost/left:1"]);
  putImage(engine, makeImage("right", {}, { layers: [base, middle, right] }), []);
  return engine;
}

describe("imageTree()", () => {
  test("imageTree() hangs an image's layers on one another and names those whose top a layer is", async () => {
    const engine = await family();
    expect(imageTree(engine, "localhost/left:1")).toEqual({
      id: makeImage("left").id,
      names: ["localhost/left:1"],
      sizeBytes: 6,
      base: {
        chainId: base.chainId,
        sizeBytes: 1,
        topOf: ["localhost/base:1", "localhost/base:2"],
        children: [
          {
            chainId: middle.chainId,
            sizeBytes: 2,
            topOf: [],
            children: [{ chainId: left.chainId, sizeBytes: 3, topOf: ["localhost/left:1"], children: [] }],
          },
        ],
      },
    });
  });

  test("imageTree() with dependents shows all that lies on the image", async () => {
    const engine = await family();
    const { base: root } = imageTree(engine, "localhost/base:1", { dependents: true });
    const above = root?.children[0]?.children.map(({ chainId, topOf }) => [chainId, topOf]);
    expect(new Map(above as [string, string[]][])).toEqual(
      new Map([
        [left.chainId, ["localhost/left:1"]],
        [right.chainId, [makeImage("right").id.slice(0, 12)]],
      ]),
    );
  });

  test("imageTree() of an image without layers has no base", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage("image", {}, { layers: [] }));
    expect(imageTree(engine, "image")).toMatchObject({ sizeBytes: 0, base: undefined });
  });
});
