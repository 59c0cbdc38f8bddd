import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { containerRecords } from "../containers/container-record.ts";
import type { Engine } from "../engine.ts";
import { listImages } from "../images/list-images.ts";
import { aStart, nobody, putContainer } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { type CheckSystemOptions, checkSystem } from "./check-system.ts";

async function check(engine: Engine, options: CheckSystemOptions = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { object, id, problem, mended } of checkSystem(engine, options))
    found.push(`${object} ${id.slice(0, 19)} ${problem}${mended === undefined ? "" : `: ${mended}`}`);
  return found;
}

async function push(engine: Engine, text: string): Promise<void> {
  const blob = { mediaType: "text/plain", digest: digestOf(text), size: text.length };
  await engine.storage.content.push(blob, new Blob([text]).stream());
}

const short = (text: string) => digestOf(text).slice(0, 19);
const blobPath = (engine: Engine, text: string) =>
  `${engine.places.root}/content/blobs/sha256/${digestOf(text).slice("sha256:".length)}`;

/** One image, whole: its blobs are their own names' texts. */
async function whole(): Promise<Engine> {
  const engine = await scratchEngine();
  const image = makeImage("it");
  for (const text of ["config it", "layer it", "manifest it"]) await push(engine, text);
  await (await engine.storage.layers.prepare(digestOf("layer it")))?.commit();
  engine.storage.records.transaction(() => putImage(engine, image), { durable: true });
  return engine;
}

describe("checkSystem()", () => {
  test("checkSystem() finds nothing in a whole store, and in none at all", async () => {
    expect(await check(await whole())).toEqual([]);
    expect(await check(await scratchEngine(), { repairLossy: true })).toEqual([]);
  });

  test("checkSystem() finds a blob of which a byte has changed, unless it is to be quick", async () => {
    const engine = await whole();
    writeFileSync(blobPath(engine, "layer it"), "layer IT");
    expect(await check(engine, { quick: true })).toEqual([]);
    expect(await check(engine)).toEqual([`blob ${short("layer it")} is damaged`]);
    expect(existsSync(blobPath(engine, "layer it")), "without repair nothing changes").toBe(true);
  });

  test("checkSystem() takes a damaged blob away, so that a pull brings it again, and keeps the image", async () => {
    const engine = await whole();
    truncateSync(blobPath(engine, "layer it"));
    expect(await check(engine, { repair: true })).toEqual([`blob ${short("layer it")} is damaged`]);
    expect(listImages(engine)).toHaveLength(1);
    await push(engine, "layer it");
    expect(await check(engine)).toEqual([]);
  });

  test("checkSystem() with repairLossy removes an image that cannot be mended, with its containers", async () => {
    const engine = await whole();
    putContainer(engine, { imageId: makeImage("it").id });
    rmSync(blobPath(engine, "config it"));
    rmSync(blobPath(engine, "manifest it"));
    const found = await check(engine, { repairLossy: true });
    expect(found).toHaveLength(2);
    expect(found[0]).toMatch(/is missing: was removed with image [0-9a-f]{12}$/);
    expect(found[1]).toMatch(/is missing: is gone with its image$/);
    expect([listImages(engine), containerRecords(engine).list()]).toEqual([[], []]);
    expect(await check(engine)).toEqual([]);
  });

  test("checkSystem() counts what nothing needs as harmless, and repair removes it", async () => {
    const engine = await whole();
    await push(engine, "stray");
    await (await engine.storage.layers.prepare(digestOf("stray layer")))?.commit();
    const unneeded = [
      `blob ${short("stray")} is needed by nothing`,
      `layer ${short("stray layer")} is needed by nothing`,
    ];
    expect(await check(engine)).toEqual(unneeded);
    expect(await check(engine, { repair: true })).toEqual(unneeded.map((each) => `${each}: was removed`));
    expect(await check(engine)).toEqual([]);
  });

  test("checkSystem() makes damaged records anew before it compares anything with them", async () => {
    const engine = await whole();
    engine.storage.records.close();
    const path = `${engine.places.root}/galley.db`;
    for (const suffix of ["-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
    writeFileSync(path, readFileSync(path).fill(0, 0, 200));
    expect(await check(engine)).toMatchObject([expect.stringMatching(/^records .* is damaged/)]);
    expect(await check(engine, { repair: true })).toMatchObject([expect.stringMatching(/^records .* was made anew/)]);
    expect(listImages(engine)).toMatchObject([{ names: ["docker.io/library/image:latest"] }]);
    expect(await check(engine)).toEqual([]);
  });

  test("checkSystem() finds containers without image and directories without record, and keeps them unless told", async () => {
    const engine = await whole();
    const [lost, orphan] = ["c".repeat(64), "d".repeat(64)];
    putContainer(engine, { id: lost, imageId: "e".repeat(64) });
    await engine.storage.containers.prepare(orphan);
    mkdirSync(`${engine.places.root}/containers/${orphan}/upper/work`, { recursive: true });
    const found = [
      expect.stringMatching(/^container c+ has lost its image/),
      expect.stringMatching(/^container d+ has no record/),
    ];
    expect(await check(engine, { repair: true })).toEqual(found);
    expect(await check(engine, { repairLossy: true })).toEqual(found);
    expect(await check(engine)).toEqual([]);
  });

  test("checkSystem() finds left-overs of containers that were to be gone", async () => {
    const engine = await whole();
    putContainer(engine, {
      imageId: makeImage("it").id,
      options: { image: "it", life: { autoRemove: true } },
      start: aStart({ starter: nobody }),
    });
    expect(await check(engine)).toMatchObject([expect.stringMatching(/was to be gone by now$/)]);
    expect(await check(engine, { repair: true })).toMatchObject([expect.stringMatching(/: was removed$/)]);
    expect(await check(engine)).toEqual([]);
  });

  test("checkSystem() shows what is none of the store's, and leaves it alone", async () => {
    const engine = await whole();
    writeFileSync(`${engine.places.root}/notes.txt`, "mine");
    for (const options of [{}, { repairLossy: true }, {}])
      expect(await check(engine, options)).toMatchObject([expect.stringMatching(/is none of the store's$/)]);
  });
});
