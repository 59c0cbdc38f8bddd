import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { type GalleyHome, makeHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { randomNumbers } from "./random-numbers.ts";
import { storeCounts } from "./store-counts.ts";

const reason = missingForBlackBox();
/** Of all operations together 300. */
const killsEach = 60;
const seed = Number(process.env["GALLEY_SEED"] ?? 20261124);

/** One command that is killed again and again. */
interface Operation {
  readonly name: string;
  /** Brings the store to what the command begins with. */
  readonly before: (home: GalleyHome) => Promise<unknown>;
  readonly command: readonly string[];
  /** Done after the kill: the command once more, or what makes up for it when it had been done already. */
  readonly again: (home: GalleyHome) => Promise<unknown>;
}

describe.skipIf(reason !== undefined)(named("galley", reason), () => {
  let setting: BusyboxSetting;
  let archive: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    archive = join(setting.home.folder, "busybox.tar");
    await setting.home.ok("save", "-q", "-o", archive, setting.image);
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  const empty = (home: GalleyHome) => home.ok("rmi", "-f", "-a");
  const full = async (home: GalleyHome) => {
    if ((await home.run(["image", "exists", setting.image])).code !== 0) await home.ok("load", "-q", "-i", archive);
  };
  const operations = (): Operation[] => [
    {
      name: "pull",
      before: empty,
      command: ["pull", "-q", setting.image],
      again: (home) => home.ok("pull", "-q", setting.image),
    },
    {
      name: "load",
      before: empty,
      command: ["load", "-q", "-i", archive],
      again: (home) => home.ok("load", "-q", "-i", archive),
    },
    {
      name: "commit",
      before: full,
      command: ["commit", "-q", "changed", "committed:1"],
      again: async (home) => {
        await home.ok("commit", "-q", "changed", "committed:1");
        await home.ok("image", "prune", "-f"); // an image that lost its name to the second one
      },
    },
    {
      name: "rmi",
      before: full,
      command: ["rmi", setting.image],
      again: (home) => home.run(["rmi", "--ignore", setting.image]),
    },
    {
      name: "prune",
      before: full,
      command: ["image", "prune", "-af"],
      again: (home) => home.ok("image", "prune", "-af"),
    },
  ];

  test.each(["pull", "load", "commit", "rmi", "prune"])(
    `galley %s that is killed at ${killsEach} moments: the next one works, the store is sound, and nothing is left over`,
    { timeout: 240_000 },
    async (name) => {
      const operation = operations().find((each) => each.name === name);
      if (!operation) throw new Error(name);
      await using home = await makeHome();
      const before = lookAtHost();
      if (name === "commit") await containerWithChanges(home);
      const { expected, durationMs } = await measure(home, operation);
      const random = randomNumbers(seed + name.length);
      for (let kill = 0; kill < killsEach; kill++) {
        await operation.before(home);
        const moment = (random() * 1.1 * durationMs) | 0;
        await killAfter(home, operation.command, moment);
        const label = `kill ${kill} after ${moment} of ${durationMs | 0} ms, seed ${seed}`;
        expect((await home.run(["images", "-q"])).code, label).toBe(0);
        const check = await home.run(["system", "check"]);
        expect(check, `${label}: ${check.out}`).toMatchObject({ code: 0, err: "" });
        await operation.again(home);
        expect(storeCounts(home.root), label).toEqual(expected);
      }
      await home.ok("system", "prune", "-af");
      await nothingLeft(home.folder, before);
      expect(Object.values(storeCounts(home.root)).filter((count) => count > 0)).toEqual([]);
      expect(await home.ok("system", "check")).toBe("");
    },
  );

  /** What the store holds after the command has had its time, and how long that takes at least. */
  async function measure(home: GalleyHome, operation: Operation) {
    let durationMs = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 2; turn++) {
      await operation.before(home);
      const start = performance.now();
      await home.ok(...operation.command);
      durationMs = Math.min(durationMs, performance.now() - start);
    }
    await operation.before(home);
    await operation.again(home);
    return { expected: storeCounts(home.root), durationMs };
  }

  async function containerWithChanges(home: GalleyHome): Promise<void> {
    await full(home);
    await home.ok(
      "run",
      "--name",
      "changed",
      setting.image,
      "sh",
      "-c",
      "mkdir /new && echo text > /new/file && rm /bin/cat",
    );
  }

  async function killAfter(home: GalleyHome, command: readonly string[], ms: number): Promise<void> {
    const [program = "", ...argv] = home.argv;
    const child = spawn(program, [...argv, ...command], { stdio: "ignore" });
    const end = once(child, "exit");
    await sleep(ms);
    child.kill("SIGKILL");
    await end;
    expect(existsSync(`/proc/${child.pid}`)).toBe(false);
  }
});
