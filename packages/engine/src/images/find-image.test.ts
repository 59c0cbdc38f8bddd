import { describe, expect, test } from "vitest";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { findImage, findImageEntry, imageExists } from "./find-image.ts";
import { listImages } from "./list-images.ts";

const one = makeImage("one", {}, { id: `abc1${"0".repeat(60)}`, createdAtMs: 1 });
const two = makeImage("two", {}, { id: `abc2${"0".repeat(60)}`, createdAtMs: 2 });

async function kitchen() {
  const engine = await scratchEngine();
  putImage(engine, one, ["docker.io/library/one:latest", "docker.io/library/one:1"]);
  putImage(engine, two, ["localhost:5000/cook/two:2", "docker.io/library/abc1:latest"]);
  return engine;
}

describe("findImage()", () => {
  const digest = one.manifest.digest;
  test.each([
    ["one", one],
    ["one:1", one],
    ["library/one", one],
    ["docker.io/one:latest", one],
    [one.id, one],
    [`sha256:${one.id}`, one],
    ["sha256:abc1", one],
    [`one@${digest}`, one],
    [`one:latest@${digest}`, one],
    [`one:gone@${digest}`, one],
    ["localhost:5000/cook/two:2", two],
    ["two:2", two],
    ["cook/two:2", two],
    ["abc2", two],
    ["abc1", two], // it is a name, too
  ])("findImage() finds %s", async (asked, { id }) => {
    const engine = await kitchen();
    expect(findImage(engine, asked).id).toBe(id);
    expect(imageExists(engine, asked)).toBe(true);
  });

  test.each([
    "three",
    "one:2",
    "localhost:5000/cook/two",
    "k/two:2",
    "docker.io/two:2",
    "abc3",
    `two@${digest}`,
    `one@sha256:${"0".repeat(64)}`,
    "0".repeat(64),
  ])("findImage() does not know %s", async (asked) => {
    const engine = await kitchen();
    const known = expect.objectContaining({
      kind: "not-found",
      code: "engine.image-unknown",
      message: `${asked}: image not known`,
    });
    expect(() => findImage(engine, asked)).toThrow(known);
    expect(imageExists(engine, asked)).toBe(false);
  });

  test.each(["", "One", "a b", "one@sha256:12"])("findImage() refuses %j, which is no reference", async (asked) => {
    const engine = await kitchen();
    expect(() => findImage(engine, asked)).toThrow(expect.objectContaining({ kind: "invalid" }));
  });

  test("findImage() refuses a beginning that two ids have", async () => {
    const engine = await kitchen();
    expect(() => findImage(engine, "sha256:abc")).toThrow(
      expect.objectContaining({ kind: "conflict", code: "engine.image-ambiguous" }),
    );
  });

  test("findImage() takes a short name for what was made here, then Docker Hub's, then the only one that ends so", async () => {
    const engine = await scratchEngine();
    putImage(engine, one, ["quay.io/team/app:latest", "quay.io/app:latest"]);
    expect(findImage(engine, "app").id).toBe(one.id);
    putImage(engine, two, ["other.example/app:latest"]);
    expect(() => findImage(engine, "app")).toThrow(
      expect.objectContaining({
        kind: "conflict",
        message: "app may mean several images, say which: quay.io/app:latest, other.example/app:latest",
      }),
    );
    expect(findImage(engine, "team/app").id).toBe(one.id);
    putImage(engine, two, ["docker.io/library/app:latest"]);
    expect(findImage(engine, "app").id).toBe(two.id);
    putImage(engine, one, ["localhost/app:latest"]);
    expect(findImage(engine, "app").id).toBe(one.id);
  });

  test("findImageEntry() has the names", async () => {
    expect(findImageEntry(await kitchen(), "abc2").names).toEqual([
      "docker.io/library/abc1:latest",
      "localhost:5000/cook/two:2",
    ]);
  });
});

test("listImages() lists all, the newest first, and none where there is no store", async () => {
  expect(listImages(await kitchen()).map(({ id, names }) => [id.slice(0, 4), names.length])).toEqual([
    ["abc2", 2],
    ["abc1", 2],
  ]);
  expect(listImages(await scratchEngine())).toEqual([]);
});
