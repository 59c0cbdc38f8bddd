import { describe, expect, test } from "vitest";
import { ownIdentity } from "../host.ts";
import { aStart, nobody, putContainer, writePid } from "../testing/keeper-records.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { listContainers } from "./list-containers.ts";
import { pruneContainers } from "./prune-containers.ts";

const id = (digit: string) => digit.repeat(64);

async function scene() {
  const engine = await scratchEngine();
  const labels = { tier: "web" };
  putContainer(engine, { id: id("a"), name: "created", createdAtMs: 1000 });
  putContainer(engine, {
    id: id("b"),
    name: "ended",
    createdAtMs: 2000,
    start: aStart({ starter: nobody }),
    exit: { outOfMemory: false },
  });
  putContainer(engine, { id: id("c"), name: "starting", start: aStart({ starter: ownIdentity() }) });
  const running = putContainer(engine, { id: id("d"), name: "running", start: aStart({ starter: nobody }) });
  writePid(engine, running);
  const labelled = putContainer(engine, { id: id("e"), name: "labelled", createdAtMs: 3000 });
  putContainer(engine, { ...labelled, options: { ...labelled.options, labels } });
  return engine;
}

describe("pruneContainers()", () => {
  test("pruneContainers() takes all that neither run nor are being started", async () => {
    const engine = await scene();
    expect(await pruneContainers(engine)).toEqual({ deleted: [id("a"), id("b"), id("e")], failed: [] });
    expect(
      listContainers(engine, { all: true })
        .map(({ name }) => name)
        .sort(),
    ).toEqual(["running", "starting"]);
  });

  test.each([
    [{ labels: [{ name: "tier" }] }, ["e"]],
    [{ labels: [{ name: "tier", value: "db" }] }, []],
    [{ notLabels: [{ name: "tier" }] }, ["a", "b"]],
    [{ untilMs: 2000 }, ["a"]],
  ])("pruneContainers() with %j takes %j", async (options, taken) => {
    const engine = await scene();
    expect((await pruneContainers(engine, options)).deleted).toEqual(taken.map(id));
  });
});
