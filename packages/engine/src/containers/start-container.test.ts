import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { galleyError } from "@galley/spec";
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { fakeLaunch } from "../testing/fake-launch.ts";
import { aStart, nobody } from "../testing/keeper-records.ts";
import { makeImage, putImage } from "../testing/make-image.ts";
import { scratchEngine, secondEngine } from "../testing/scratch-engine.ts";
import { beginRemoval } from "./begin-removal.ts";
import { containerPlaces } from "./container-places.ts";
import { containerRecords } from "./container-record.ts";
import { containerState } from "./container-state.ts";
import { createContainer } from "./create-container.ts";
import { findContainer } from "./find-container.ts";
import { runContainer, startContainer } from "./start-container.ts";

const options = { image: "image", name: "cook", process: { command: ["echo", "hi"] } };
const removed = { ...options, life: { autoRemove: true } };
const notFound = galleyError("not-found", "runtime.command-not-found", "exec nothing: No such file or directory");

async function kitchen() {
  const launch = fakeLaunch();
  const engine = await scratchEngine({
    perform: launch.perform,
    cleanupCommand: (id) => ["/programs/galley", "cleanup", id],
  });
  const image = putImage(engine, makeImage());
  const top = engine.storage.layers.treePath(image.layers[0]!.chainId);
  mkdirSync(top, { recursive: true });
  writeFileSync(`${top}/../record.json`, JSON.stringify({ chainId: image.layers[0]!.chainId, createdMs: 0, info: {} }));
  return { engine, launch, image };
}

function statusOf(engine: Engine): string {
  return containerState(engine, findContainer(engine, "cook")).status;
}

function traces(engine: Engine, id: string): readonly boolean[] {
  const { keepDirectory, runDirectory } = containerPlaces(engine, id);
  return [existsSync(keepDirectory), existsSync(runDirectory), containerRecords(engine).get(id) !== undefined];
}

describe("runContainer()", () => {
  test("runContainer() leaves a running container, and its exit code when it has ended", async () => {
    const { engine, launch } = await kitchen();
    const started = await runContainer(engine, options, { attach: {} });
    expect(statusOf(engine)).toBe("running");
    launch.exit(3);
    await started.attachment?.exited;
    expect(await started.finish()).toMatchObject({ code: 3, outOfMemory: false });
    expect(findContainer(engine, "cook").exit?.code).toBe(3);
    expect(statusOf(engine)).toBe("exited");
  });

  test("runContainer() makes the files that the container sees", async () => {
    const { engine } = await kitchen();
    const { id } = await runContainer(engine, { ...options, hostname: "galley" });
    const { keepDirectory } = containerPlaces(engine, id);
    expect(readFileSync(`${keepDirectory}/hosts`, "utf8")).toContain("127.0.0.1\tgalley cook");
    expect(readFileSync(`${keepDirectory}/hostname`, "utf8")).toBe("galley\n");
  });

  test("runContainer() removes what was to be removed, to the last trace", async () => {
    const { engine, launch } = await kitchen();
    const started = await runContainer(engine, removed, { attach: {} });
    launch.exit(0);
    await started.attachment?.exited;
    expect(await started.finish()).toMatchObject({ code: 0 });
    expect(traces(engine, started.id)).toEqual([false, false, false]);
  });

  test("runContainer() tells the keeper what to call when nobody watches", async () => {
    const { engine, launch } = await kitchen();
    const { id, attachment } = await runContainer(engine, removed);
    expect(attachment).toBeUndefined();
    const keeper = launch.plans.at(-1)?.lane.steps.at(-1);
    expect(keeper?.op === "exec" && keeper.args.argv.slice(-4)).toEqual(["--then", "/programs/galley", "cleanup", id]);
  });

  test("runContainer() leaves a created container when the start fails", async () => {
    const { engine, launch } = await kitchen();
    launch.fail(notFound);
    await expect(runContainer(engine, options, { attach: {} })).rejects.toMatchObject({
      code: "runtime.command-not-found",
    });
    expect(statusOf(engine)).toBe("created");
    expect(traces(engine, findContainer(engine, "cook").id)[1]).toBe(false);
    launch.fail(undefined);
    await startContainer(engine, "cook");
    expect(statusOf(engine)).toBe("running");
  });

  test("runContainer() leaves nothing when the start fails and it was to be removed", async () => {
    const { engine, launch } = await kitchen();
    launch.fail(notFound);
    await expect(runContainer(engine, removed)).rejects.toMatchObject({ code: "runtime.command-not-found" });
    expect(containerRecords(engine).list()).toEqual([]);
    expect(await engine.storage.containers.list()).toEqual([]);
  });

  test("runContainer() gives a name to one of two that want it at once, and the other leaves nothing", async () => {
    const { engine } = await kitchen();
    const results = await Promise.allSettled([engine, secondEngine(engine)].map((each) => runContainer(each, options)));
    const [refused] = results.filter((result) => result.status === "rejected");
    expect(refused?.reason).toMatchObject({ kind: "conflict", code: "engine.name-in-use" });
    expect(await engine.storage.containers.list()).toEqual([findContainer(engine, "cook").id]);
  });

  test("runContainer() says what it was doing when the run directory cannot be made", async () => {
    const { engine } = await kitchen();
    writeFileSync(engine.places.runroot, "in the way");
    const failed = runContainer(engine, options);
    await expect(failed).rejects.toMatchObject({
      code: expect.stringMatching(/^engine\./),
      message: expect.stringContaining(engine.places.runroot),
    });
    rmSync(engine.places.runroot);
    expect(statusOf(engine)).toBe("created");
  });
});

describe("StartedContainer.finish()", () => {
  test.each([options, removed])(
    "finish() takes nothing from a container that runs on after its keeper was killed: %j",
    async (asked) => {
      const { engine, launch } = await kitchen();
      const started = await runContainer(engine, asked, { attach: {} });
      launch.die();
      await expect(started.attachment?.exited).rejects.toMatchObject({ code: "keeper.gone" });
      expect((await started.finish()).code).toBeUndefined();
      expect(traces(engine, started.id)).toEqual([true, true, true]);
      expect(statusOf(engine)).toBe("running");
    },
  );
});

describe("startContainer()", () => {
  test("startContainer() starts again what has ended, with a new stamp and without the old end", async () => {
    const { engine, launch } = await kitchen();
    await createContainer(engine, options);
    const first = await startContainer(engine, "cook", { attach: {} });
    launch.exit(1);
    await first.finish();
    const { start } = findContainer(engine, "cook");
    await startContainer(engine, "cook");
    expect(findContainer(engine, "cook").exit).toBeUndefined();
    expect(findContainer(engine, "cook").start?.stamp).not.toBe(start?.stamp);
    expect(statusOf(engine)).toBe("running");
  });

  test("startContainer() refuses what runs", async () => {
    const { engine } = await kitchen();
    await runContainer(engine, options);
    await expect(startContainer(engine, "cook")).rejects.toMatchObject({
      kind: "conflict",
      code: "engine.container-running",
    });
    expect(statusOf(engine)).toBe("running");
  });

  test("startContainer() is granted to one of many at once", async () => {
    const { engine, launch } = await kitchen();
    await createContainer(engine, options);
    const engines = [engine, secondEngine(engine), secondEngine(engine)];
    const results = await Promise.allSettled(engines.map((each) => startContainer(each, "cook")));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(launch.plans.filter(({ title }) => title.startsWith("run container"))).toHaveLength(1);
  });

  test("startContainer() goes on where a starter was killed", async () => {
    const { engine } = await kitchen();
    const { id } = await createContainer(engine, options);
    containerRecords(engine).update(id, (record) => ({ ...record, start: aStart({ starter: nobody }) }));
    await startContainer(engine, "cook");
    expect(statusOf(engine)).toBe("running");
  });

  test("startContainer() refuses what is being removed", async () => {
    const { engine, launch } = await kitchen();
    const { id } = await createContainer(engine, options);
    expect(beginRemoval(engine, id)).toBe("begun");
    await expect(startContainer(engine, "cook")).rejects.toMatchObject({ kind: "conflict" });
    expect(launch.plans).toEqual([]);
  });

  test("startContainer() gives the right to start back when it fails early", async () => {
    const { engine } = await kitchen();
    await createContainer(engine, options);
    const failing = fakeLaunch();
    const broken = secondEngine(engine, (plan, how) => {
      if (plan.title.startsWith("read")) throw galleyError("unavailable", "stage.full", "no more processes");
      return failing.perform(plan, how);
    });
    await expect(startContainer(broken, "cook")).rejects.toMatchObject({ code: "stage.full" });
    expect(statusOf(engine)).toBe("created");
  });

  test("startContainer() does not know what is not there", async () => {
    await expect(startContainer((await kitchen()).engine, "nobody")).rejects.toMatchObject({
      code: "engine.container-unknown",
    });
  });
});
