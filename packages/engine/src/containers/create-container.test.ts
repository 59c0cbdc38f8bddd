import { describe, expect, test, vi } from "vitest";
import { imageRecords } from "../images/image-record.ts";
import { removeImage } from "../images/remove-image.ts";
import { aStart, nobody, putContainer } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { recorder } from "../testing/recorder.ts";
import { scratchEngine, secondEngine } from "../testing/scratch-engine.ts";
import { containerRecords } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { createContainer, recordContainer } from "./create-container.ts";
import { findContainer } from "./find-container.ts";
import { newContainer } from "./new-container.ts";
import { randomName } from "./random-name.ts";

vi.mock("./random-name.ts", () => ({
  randomName: vi.fn((attempt = 0) => (attempt === 0 ? "calm_stew" : `calm_stew${attempt}`)),
}));

describe("createContainer()", () => {
  test("createContainer() records all there is to know, performs nothing and makes no directory", async () => {
    const { perform, plans } = recorder();
    const engine = await scratchEngine({ perform });
    const image = putImage(engine, makeImage());
    const record = await createContainer(engine, { image: "image", name: "web", process: { command: ["echo", "hi"] } });
    expect(record).toMatchObject({
      name: "web",
      imageId: image.id,
      imageName: "docker.io/library/image:latest",
      command: ["echo", "hi"],
    });
    expect(record.id).toMatch(/^[0-9a-f]{64}$/);
    expect(findContainer(engine, "web")).toEqual(record);
    expect(containerState(engine, record).status).toBe("created");
    expect(plans).toEqual([]);
    expect(await engine.storage.containers.list()).toEqual([]);
  });

  test.each([
    ["an image that is not there", { image: "other" }, "engine.image-unknown"],
    ["a name that is none", { image: "image", name: "a b" }, "engine.bad-name"],
    ["a user that the image does not list", { image: "image", process: { user: "eve" } }, "engine.unknown-user"],
    ["an option that is wrong", { image: "image", resources: { memoryBytes: 1 } }, "engine.bad-option"],
  ])("createContainer() refuses %s and records nothing", async (_, options, code) => {
    const engine = await scratchEngine();
    putImage(engine, makeImage());
    await expect(createContainer(engine, options)).rejects.toMatchObject({ code });
    expect(containerRecords(engine).list()).toEqual([]);
  });

  test("createContainer() tells who has the name", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage());
    const { id } = await createContainer(engine, { image: "image", name: "web" });
    const again = createContainer(secondEngine(engine), { image: "image", name: "web" });
    await expect(again).rejects.toMatchObject({
      kind: "conflict",
      code: "engine.name-in-use",
      details: { name: "web", id },
    });
    expect(containerRecords(engine).list()).toHaveLength(1);
  });

  test("createContainer() gives a name to one of many that want it at once", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage());
    const engines = [engine, ...Array.from({ length: 7 }, () => secondEngine(engine))];
    const results = await Promise.allSettled(
      engines.map((each) => createContainer(each, { image: "image", name: "web" })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(containerRecords(engine).list()).toHaveLength(1);
  });

  test("createContainer() chooses another name of its own when one is taken", async () => {
    const engine = await scratchEngine();
    putImage(engine, makeImage());
    const names = [];
    for (let round = 0; round < 3; round++) names.push((await createContainer(engine, { image: "image" })).name);
    expect(names).toEqual(["calm_stew", "calm_stew1", "calm_stew2"]);
    expect(randomName).toHaveBeenCalledWith(2);
  });

  test("createContainer() takes the name of one that was to be gone by now", async () => {
    const engine = await scratchEngine();
    const image = putImage(engine, makeImage());
    const options = { image: "image", life: { autoRemove: true } };
    putContainer(engine, { name: "web", imageId: image.id, options, start: aStart({ starter: nobody }) });
    const { id } = await createContainer(engine, { image: "image", name: "web" });
    expect(
      containerRecords(engine)
        .list()
        .map(({ key }) => key),
    ).toEqual([id]);
  });
});

describe("recordContainer()", () => {
  test("recordContainer() records no container of an image that was removed meanwhile", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    const { record } = newContainer(engine, { image: "image" });
    await removeImage(engine, id);
    expect(imageRecords(engine).list()).toEqual([]);
    await expect(recordContainer(engine, record)).rejects.toMatchObject({ code: "engine.image-unknown" });
    expect(containerRecords(engine).list()).toEqual([]);
  });
});

describe("newContainer()", () => {
  test.each([
    ["image", "docker.io/library/image:latest"],
    ["docker.io/library/image", "docker.io/library/image:latest"],
    ["docker.io/library/image:2", "docker.io/library/image:2"],
  ])("newContainer() calls the image of %s by its whole name", async (asked, name) => {
    const engine = await scratchEngine();
    putImage(engine, makeImage(), [
      "docker.io/library/an-image-more:latest",
      "docker.io/library/image:2",
      "docker.io/library/image:latest",
    ]);
    expect(newContainer(engine, { image: asked }).record.imageName).toBe(name);
  });

  test("newContainer() calls an image asked for by its id by a name, if there is one", async () => {
    const engine = await scratchEngine();
    const { id } = putImage(engine, makeImage());
    const nameless = putImage(engine, makeImage("nameless"), []);
    expect(newContainer(engine, { image: id.slice(0, 12) }).record.imageName).toBe("docker.io/library/image:latest");
    expect(newContainer(engine, { image: `sha256:${nameless.id}` }).record.imageName).toBe(nameless.id);
  });
});
