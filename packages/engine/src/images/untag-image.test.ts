import { describe, expect, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { findImage, findImageEntry } from "./find-image.ts";
import { untagImage } from "./untag-image.ts";

const names = ["docker.io/library/image:latest", "localhost/a:1", "localhost/a:2"];

describe("untagImage()", () => {
  test("untagImage() takes all names, and the image stays", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage(), names);
    expect(untagImage(engine, "image")).toEqual(names);
    expect(findImageEntry(engine, id).names).toEqual([]);
    expect(untagImage(engine, id.slice(0, 12))).toEqual([]);
    expect(() => findImage(engine, "image")).toThrow(expect.objectContaining({ kind: "not-found" }));
  });

  test("untagImage() takes the given names alone", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage(), names);
    expect(untagImage(engine, id, ["localhost/a:1", "image", "localhost/a:1"])).toEqual([names[1], names[0]]);
    expect(findImageEntry(engine, id).names).toEqual(["localhost/a:2"]);
  });

  test.each([
    ["other", []],
    ["image", ["localhost/a:1", "localhost/b:1"]],
    ["image", ["localhost/a:1", "NOT A NAME"]],
  ])("untagImage() changes nothing when %s has not got %j", async (image, given) => {
    const engine = await scratchEngine();
    putImage(engine, makeImage(), names);
    expect(() => untagImage(engine, image, given)).toThrow(expect.objectContaining({ kind: "not-found" }));
    expect(findImageEntry(engine, "image").names).toEqual(names);
  });
});
