import { existsSync, mkdirSync } from "node:fs";
import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { ownIdentity } from "../host.ts";
import { fakeKeeper } from "../testing/fake-keeper.ts";
import { aStart, nobody, putContainer, write, writeExit, writePid } from "../testing/keeper-records.ts";
import { recorder } from "../testing/recorder.ts";
import { scratchEngine, secondEngine } from "../testing/scratch-engine.ts";
import { beginRemoval } from "./begin-removal.ts";
import { cleanupContainer } from "./cleanup-container.ts";
import { containerPlaces } from "./container-places.ts";
import { type ContainerRecord, containerRecords } from "./container-record.ts";
import { listContainers } from "./list-containers.ts";
import { reclaimContainers } from "./reclaim-containers.ts";
import { removeContainer } from "./remove-container.ts";

const ended = { start: aStart({ starter: nobody }) };

function putEnded(engine: Engine, change: Partial<ContainerRecord> = {}): ContainerRecord {
  const record = putContainer(engine, { ...ended, ...change });
  writePid(engine, record, { child: nobody });
  writeExit(engine, record, { code: 1 });
  return record;
}

function whatIsLeft(engine: Engine, { id }: ContainerRecord): readonly boolean[] {
  const { keepDirectory, runDirectory } = containerPlaces(engine, id);
  return [existsSync(keepDirectory), existsSync(runDirectory), containerRecords(engine).get(id) !== undefined];
}

describe("removeContainer()", () => {
  test("removeContainer() leaves nothing", async () => {
    const engine = await scratchEngine();
    const record = putEnded(engine);
    mkdirSync(engine.storage.containers.tree(record.id).upper, { recursive: true });
    await removeContainer(engine, "cook");
    expect(whatIsLeft(engine, record)).toEqual([false, false, false]);
  });

  test("removeContainer() removes one that was never started", async () => {
    const engine = await scratchEngine();
    putContainer(engine);
    await removeContainer(engine, "cook");
    expect(containerRecords(engine).list()).toEqual([]);
  });

  test.each([
    ["runs", true],
    ["is being started", false],
  ])("removeContainer() refuses one that %s", async (_, runs) => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart() });
    if (runs) writePid(engine, record);
    await expect(removeContainer(engine, "cook")).rejects.toMatchObject({
      kind: "conflict",
      code: "engine.container-running",
    });
    expect(containerRecords(engine).get(record.id)?.value.removing).toBeUndefined();
  });

  test("removeContainer() with force stops a running one first", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, ended);
    const keeper = await fakeKeeper(engine, record);
    const { perform, plans } = recorder((plan) => {
      if (plan.title.startsWith("signal")) void keeper.exit(137);
      return undefined;
    });
    await removeContainer(secondEngine(engine, perform), "cook", { force: true, timeoutS: 0 });
    expect(plans[0]?.lane.steps.at(-1)).toMatchObject({ op: "signal", args: { signal: 9 } });
    expect(whatIsLeft(engine, record)).toEqual([false, false, false]);
  });

  test("removeContainer() with force waits for a start under way, and removes what it started", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart() });
    const signalled = recorder((plan) => {
      if (plan.title.startsWith("signal")) writeExit(engine, record, { code: 137 });
      return undefined;
    });
    const removing = removeContainer(secondEngine(engine, signalled.perform), "cook", { force: true, timeoutS: 0 });
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(whatIsLeft(engine, record)[2]).toBe(true);
    writePid(engine, record);
    await removing;
    expect(signalled.plans[0]?.title).toBe("signal container cook");
    expect(whatIsLeft(engine, record)).toEqual([false, false, false]);
  });

  test("removeContainer() goes on where a removal broke off", async () => {
    let broken = true;
    const { perform } = recorder(() => (broken ? galleyError("unavailable", "stage.killed", "killed") : undefined));
    const engine = await scratchEngine({ perform });
    const record = putEnded(engine);
    await expect(removeContainer(engine, "cook")).rejects.toMatchObject({ kind: "unavailable" });
    expect(containerRecords(engine).get(record.id)?.value.removing).toBe(true);
    broken = false;
    await removeContainer(engine, "cook");
    expect(whatIsLeft(engine, record)).toEqual([false, false, false]);
  });

  test("removeContainer() may be called by many at once", async () => {
    const engine = await scratchEngine();
    const record = putEnded(engine);
    const engines = [engine, secondEngine(engine), secondEngine(engine)];
    const results = await Promise.allSettled(engines.map((each) => removeContainer(each, record.id)));
    expect(results.map(({ status }) => status)).toContain("fulfilled");
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ kind: "not-found" });
    expect(whatIsLeft(engine, record)).toEqual([false, false, false]);
  });

  test("removeContainer() does not know what is not there", async () => {
    await expect(removeContainer(await scratchEngine(), "cook")).rejects.toMatchObject({
      code: "engine.container-unknown",
    });
  });
});

describe("beginRemoval()", () => {
  test("beginRemoval() beats a start that looked before it", async () => {
    const engine = await scratchEngine();
    const { id } = putContainer(engine);
    const seen = containerRecords(engine).get(id);
    expect(beginRemoval(engine, id)).toBe("begun");
    const claim = (): unknown =>
      containerRecords(engine).put(
        id,
        { ...(seen?.value as ContainerRecord), start: aStart() },
        { ifVersion: seen?.version },
      );
    expect(claim).toThrow(expect.objectContaining({ kind: "conflict", code: "storage.record-changed" }));
  });

  test("beginRemoval() tells what stands in the way", async () => {
    const engine = await scratchEngine();
    const { id } = putContainer(engine, { start: aStart() });
    expect(beginRemoval(engine, id)).toBe("starting");
    writePid(engine, putContainer(engine, { start: aStart() }), { child: ownIdentity() });
    expect(beginRemoval(engine, id)).toBe("running");
    expect(beginRemoval(engine, "f".repeat(64))).toBe("gone");
  });
});

describe("reclaimContainers()", () => {
  const autoRemove = { options: { image: "image", life: { autoRemove: true } } };

  test("reclaimContainers() removes what was to be removed and was not", async () => {
    const engine = await scratchEngine();
    putEnded(engine, { id: "1".repeat(64), name: "ended", ...autoRemove });
    putContainer(engine, { id: "2".repeat(64), name: "killed", ...autoRemove, ...ended });
    putContainer(engine, { id: "3".repeat(64), name: "broken-off", removing: true });
    putEnded(engine, { id: "4".repeat(64), name: "kept" });
    putContainer(engine, { id: "5".repeat(64), name: "not-started", ...autoRemove });
    putContainer(engine, { id: "6".repeat(64), name: "starting", ...autoRemove, start: aStart() });
    writePid(engine, putContainer(engine, { id: "7".repeat(64), name: "running", ...autoRemove, ...ended }));
    expect(listContainers(engine, { all: true }).map(({ name }) => name)).toEqual([
      "kept",
      "not-started",
      "starting",
      "running",
    ]);
    expect(await reclaimContainers(engine)).toBe(3);
    expect(
      containerRecords(engine)
        .list()
        .map(({ value }) => value.name),
    ).toEqual(["kept", "not-started", "starting", "running"]);
    expect(await reclaimContainers(engine)).toBe(0);
  });

  test("cleanupContainer() removes an ended container that was to be removed, and no other", async () => {
    const engine = await scratchEngine();
    const gone = putEnded(engine, { id: "1".repeat(64), name: "ended", ...autoRemove });
    const kept = putEnded(engine, { id: "2".repeat(64), name: "kept" });
    for (const { id } of [gone, kept, { id: "f".repeat(64) }]) await cleanupContainer(engine, id);
    expect(whatIsLeft(engine, gone)).toEqual([false, false, false]);
    expect(whatIsLeft(engine, kept)).toEqual([true, true, true]);
  });
});

test("listContainers() shows what runs, and all when asked to, the newest first", async () => {
  const engine = await scratchEngine();
  expect(listContainers(engine, { all: true })).toEqual([]);
  putEnded(engine, {
    id: "1".repeat(64),
    name: "old",
    createdAtMs: 1,
    options: { image: "image", labels: { a: "b" }, network: "host" },
  });
  writePid(engine, putContainer(engine, { id: "2".repeat(64), name: "young", createdAtMs: 2, ...ended }));
  expect(listContainers(engine).map(({ name, pid }) => [name, pid])).toEqual([["young", process.pid]]);
  const [young, old] = listContainers(engine, { all: true });
  expect(young).toMatchObject({ name: "young", status: "running", network: "none", labels: {} });
  expect(old).toMatchObject({ name: "old", status: "exited", exit: { code: 1 }, network: "host", labels: { a: "b" } });
  write(containerPlaces(engine, "1".repeat(64)).keepDirectory, "exit", "torn");
  expect(listContainers(engine, { all: true })[1]?.exit?.code).toBeUndefined();
});
