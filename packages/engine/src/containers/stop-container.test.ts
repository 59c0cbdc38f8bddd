import type { Plan } from "@galley/plan";
import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { fakeKeeper } from "../testing/fake-keeper.ts";
import { aStart, nobody, putContainer, writeExit, writePid } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { recorder } from "../testing/recorder.ts";
import { scratchEngine, secondEngine } from "../testing/scratch-engine.ts";
import { killContainer } from "./signal-container.ts";
import { stopContainer } from "./stop-container.ts";

const started = { start: aStart({ starter: nobody }) };

/** Signals in the order in which they were sent; the container ends by one of them. */
async function signals(deadly: number, change: object, stop: (engine: Engine) => Promise<void>): Promise<number[]> {
  const engine = await scratchEngine();
  const image = putImage(engine, makeImage("image", { StopSignal: "SIGUSR1" }));
  const keeper = await fakeKeeper(engine, putContainer(engine, { imageId: image.id, ...started, ...change }));
  const sent: number[] = [];
  const { perform } = recorder((plan) => {
    sent.push(signalOf(plan));
    if (sent.at(-1) === deadly) void keeper.exit(128 + deadly);
    return undefined;
  });
  await stop(secondEngine(engine, perform));
  return sent;
}

function signalOf({ lane }: Plan): number {
  const step = lane.steps.at(-1);
  return step?.op === "signal" ? step.args.signal : 0;
}

describe("stopContainer()", () => {
  test("stopContainer() sends the image's stop signal", async () => {
    expect(await signals(10, {}, (engine) => stopContainer(engine, "cook"))).toEqual([10]);
  });

  test("stopContainer() sends the container's stop signal instead", async () => {
    const options = { image: "image", life: { stopSignal: "SIGINT" } };
    expect(await signals(2, { options }, (engine) => stopContainer(engine, "cook"))).toEqual([2]);
  });

  test("stopContainer() kills when that does not help in time", async () => {
    expect(await signals(9, {}, (engine) => stopContainer(engine, "cook", { timeoutS: 0.1 }))).toEqual([10, 9]);
  });

  test("stopContainer() takes the container's own patience", async () => {
    const options = { image: "image", life: { stopTimeoutS: 0.1 } };
    expect(await signals(9, { options }, (engine) => stopContainer(engine, "cook"))).toEqual([10, 9]);
  });

  test("stopContainer() kills at once without patience", async () => {
    expect(await signals(9, {}, (engine) => stopContainer(engine, "cook", { timeoutS: 0 }))).toEqual([9]);
  });

  test.each([0, 5])(
    "stopContainer() leaves one that does not run as it is, with %d seconds of patience",
    async (timeoutS) => {
      const { perform, plans } = recorder();
      const engine = await scratchEngine({ perform });
      putContainer(engine, { id: "1".repeat(64), name: "created" });
      writeExit(engine, putContainer(engine, { id: "2".repeat(64), name: "exited", ...started }));
      for (const name of ["created", "exited"]) await stopContainer(engine, name, { timeoutS });
      expect(plans).toEqual([]);
    },
  );

  test("stopContainer() can be cancelled, and then kills nothing", async () => {
    const sent: number[] = [];
    const stop = async (engine: Engine): Promise<void> => {
      const stopping = stopContainer(engine, "cook", { signal: AbortSignal.timeout(60) });
      await expect(stopping).rejects.toMatchObject({ kind: "cancelled" });
    };
    sent.push(...(await signals(9, {}, stop)));
    expect(sent).toEqual([10]);
  });

  test("stopContainer() does not mind a process that has just ended", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, started);
    writePid(engine, record);
    const { perform } = recorder(() => {
      writeExit(engine, record, { code: 0 });
      return galleyError("not-found", "stage.step-failed", "engine: hold process 1 of the container: ESRCH");
    });
    await stopContainer(secondEngine(engine, perform), "cook");
  });
});

describe("killContainer()", () => {
  test("killContainer() signals that very process, by its start time", async () => {
    const { perform, plans } = recorder();
    const engine = await scratchEngine({ perform });
    const record = putContainer(engine, started);
    writePid(engine, record);
    await killContainer(engine, "cook", "HUP");
    expect(plans[0]?.lane.steps).toMatchObject([
      { op: "openProcess", args: { pid: process.pid, startTicks: expect.any(Number) } },
      { op: "signal", args: { signal: 1 } },
    ]);
  });

  test("killContainer() refuses one that does not run", async () => {
    const engine = await scratchEngine();
    putContainer(engine);
    await expect(killContainer(engine, "cook")).rejects.toMatchObject({
      kind: "conflict",
      code: "engine.container-not-running",
    });
  });

  test("killContainer() looks at the signal before the container", async () => {
    await expect(killContainer(await scratchEngine(), "cook", "FOO")).rejects.toMatchObject({
      code: "engine.bad-signal",
    });
  });
});
