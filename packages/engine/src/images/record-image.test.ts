import { createImage, createLayer, openImage } from "@galley/image";
import { parseReference } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { findImage, findImageEntry } from "./find-image.ts";
import { recordImage } from "./record-image.ts";
import { storingFetcher } from "./storing-fetcher.ts";

const accounts = { passwd: "", group: "" };

async function arrive(engine: Engine, name: string, command = "sh") {
  const layer = { tar: createLayer([{ path: "f", type: "file", content: "f" }]) };
  const made = await createImage({
    layers: [layer],
    config: { Cmd: [command], Labels: { a: "b" } },
    annotations: { c: "d" },
  });
  const image = await openImage(made.content, made.descriptor);
  return {
    made,
    record: recordImage(engine, { image, root: made.descriptor, references: [parseReference(name)], accounts }),
  };
}

describe("recordImage()", () => {
  test("recordImage() makes an image visible under its name", async () => {
    const engine = await scratchEngine();
    const { made, record } = await arrive(engine, "docker.io/library/app:1");
    expect(findImageEntry(engine, "app:1")).toMatchObject({ value: record, names: ["docker.io/library/app:1"] });
    expect(record).toMatchObject({
      execution: { Cmd: ["sh"], Labels: { a: "b" } },
      annotations: { c: "d" },
      repositoryDigests: [`docker.io/library/app@${made.descriptor.digest}`],
      sizeBytes: made.configDescriptor.size + made.layers[0]!.size,
    });
  });

  test("recordImage() of a digest gives no name, and is found by it", async () => {
    const engine = await scratchEngine();
    const digest = `sha256:${"1".repeat(64)}`;
    const { made } = await arrive(engine, `app:1@${digest}`);
    expect(findImageEntry(engine, `app@${made.descriptor.digest}`).names).toEqual([]);
  });

  test("recordImage() takes the name from the image that had it", async () => {
    const engine = await scratchEngine();
    const { record: old } = await arrive(engine, "app:1");
    const { record: young } = await arrive(engine, "app:1", "bash");
    expect(findImage(engine, "app:1").id).toBe(young.id);
    expect(findImageEntry(engine, old.id).names).toEqual([]);
  });

  test("recordImage() of an image that is there adds a name and a digest", async () => {
    const engine = await scratchEngine();
    await arrive(engine, "app:1");
    const { record } = await arrive(engine, "localhost:5000/app:2");
    expect(findImageEntry(engine, record.id).names).toEqual(["docker.io/library/app:1", "localhost:5000/app:2"]);
    expect(record.repositoryDigests).toHaveLength(2);
  });
});

describe("storingFetcher()", () => {
  test("storingFetcher() keeps documents, fetches none twice, and hands layers on", async () => {
    const engine = await scratchEngine();
    const { made } = await arrive(engine, "app:1");
    const asked: string[] = [];
    const from = {
      fetch: (descriptor: typeof made.descriptor) => {
        asked.push(descriptor.mediaType);
        return made.content.fetch(descriptor);
      },
    };
    const fetcher = storingFetcher(from, engine.storage.content);
    for (let round = 0; round < 2; round++) {
      for (const each of [made.descriptor, made.configDescriptor, made.layers[0]!])
        for await (const _ of await fetcher.fetch(each));
    }
    expect(asked.filter((type) => type.includes("manifest") || type.includes("config"))).toHaveLength(2);
    expect(asked.filter((type) => type.includes("layer"))).toHaveLength(2);
    expect(await engine.storage.content.exists(made.descriptor)).toBe(true);
    expect(await engine.storage.content.exists(made.layers[0]!)).toBe(false);
  });
});
