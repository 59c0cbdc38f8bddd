import { describe, expect, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { findImage, findImageEntry } from "./find-image.ts";
import { tagImage } from "./tag-image.ts";

describe("tagImage()", () => {
  test("tagImage() gives one more name, once", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage());
    tagImage(engine, "image", "localhost/mine");
    tagImage(engine, "image", "localhost/mine:latest");
    expect(findImageEntry(engine, "image").names).toEqual(["docker.io/library/image:latest", "localhost/mine:latest"]);
  });

  test("tagImage() takes the name from another image, which stays", async () => {
    const engine = await scratchEngine();
    const old = putImage(engine, makeImage("old"), ["localhost/app:latest"]);
    const young = putImage(engine, makeImage("young"), ["docker.io/library/young:latest"]);
    tagImage(engine, "young", "app");
    expect(findImage(engine, "app").id).toBe(young.id);
    expect(findImageEntry(engine, old.id).names).toEqual([]);
  });

  test.each([
    ["other", "x", "not-found"],
    ["image", "X", "invalid"],
    ["image", `x@sha256:${"0".repeat(64)}`, "invalid"],
    ["image", "0".repeat(64), "invalid"],
  ])("tagImage() refuses %s as %s", async (source, target, kind) => {
    const engine = await scratchEngine();
    putImage(engine, makeImage());
    expect(() => tagImage(engine, source, target)).toThrow(expect.objectContaining({ kind }));
    expect(findImageEntry(engine, "image").names).toEqual(["docker.io/library/image:latest"]);
  });
});
