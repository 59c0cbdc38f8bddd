import { describe, expect, test } from "vitest";
import { fakeKeeper } from "../testing/fake-keeper.ts";
import { aStart, nobody, putContainer, writeExit, writePid } from "../testing/keeper-records.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { containerRecords } from "./container-record.ts";
import { waitContainer } from "./wait-container.ts";

const started = { start: aStart({ starter: nobody }) };
const soon = (milliseconds = 80): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("waitContainer()", () => {
  test("waitContainer() gets the code from the keeper", async () => {
    const engine = await scratchEngine();
    const keeper = await fakeKeeper(engine, putContainer(engine, started));
    const waiting = [waitContainer(engine, "cook"), waitContainer(engine, "cook")];
    while (keeper.clients.length < 2) await soon(5);
    await keeper.exit(42);
    expect(await Promise.all(waiting)).toEqual([42, 42]);
  });

  test("waitContainer() finds the code of one that has ended, and books it", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, started);
    writePid(engine, record, { child: nobody });
    writeExit(engine, record, { code: 5 });
    expect(await waitContainer(engine, "cook")).toBe(5);
    expect(containerRecords(engine).get(record.id)?.value.exit?.code).toBe(5);
  });

  test("waitContainer() knows no code when the keeper was killed with its container", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, started);
    const keeper = await fakeKeeper(engine, record);
    const waiting = waitContainer(engine, "cook");
    while (keeper.clients.length < 1) await soon(5);
    writePid(engine, record, { child: nobody });
    await keeper.die();
    expect(await waiting).toBeUndefined();
  });

  test("waitContainer() goes on looking when the keeper alone was killed", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, started);
    const keeper = await fakeKeeper(engine, record);
    await keeper.die();
    const waiting = waitContainer(engine, "cook");
    await soon();
    writePid(engine, record, { child: nobody });
    expect(await waiting).toBeUndefined();
  });

  test("waitContainer() waits through a start", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart() });
    const waiting = waitContainer(engine, "cook");
    await soon();
    writeExit(engine, record, { code: 9 });
    expect(await waiting).toBe(9);
  });

  test("waitContainer() does not wait for one that was never started", async () => {
    const engine = await scratchEngine();
    putContainer(engine);
    expect(await waitContainer(engine, "cook")).toBe(0);
  });

  test("waitContainer() ends with a container that is removed", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart() });
    const waiting = waitContainer(engine, "cook");
    containerRecords(engine).delete(record.id);
    expect(await waiting).toBeUndefined();
  });

  test.each(["keeper", "look"])("waitContainer() can be cancelled while it waits for a %s", async (what) => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart() });
    if (what === "keeper") await fakeKeeper(engine, record);
    const signal = AbortSignal.timeout(60);
    await expect(waitContainer(engine, "cook", { signal })).rejects.toMatchObject({
      kind: "cancelled",
      code: "engine.cancelled",
    });
    await expect(waitContainer(engine, "cook", { signal })).rejects.toMatchObject({ kind: "cancelled" });
  });

  test("waitContainer() does not know what is not there", async () => {
    await expect(waitContainer(await scratchEngine(), "cook")).rejects.toMatchObject({
      code: "engine.container-unknown",
    });
  });
});
