import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import type { GalleyHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { hostMounts, mountsNaming, processesOf } from "./traces.ts";

const reason = missingForBlackBox();

describe.skipIf(reason !== undefined)(named("galley without a daemon", reason), () => {
  let setting: BusyboxSetting;
  let home: GalleyHome;
  let image: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    ({ home, image } = setting);
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  /** Our programs that run for this home: their names, sorted. */
  const programs = (): string[] =>
    processesOf(home.folder)
      .map(({ program }) => basename(program))
      .sort();

  test("galley pull leaves nothing running or mounted", async () => {
    const before = lookAtHost();
    expect(mountsNaming(home.folder)).toEqual([]);
    await nothingLeft(home.folder, before);
  });

  test("galley run -d leaves one keeper and the payload, some hundred kilobytes, and nothing mounted on the host", async () => {
    const before = lookAtHost();
    const mounts = hostMounts();
    await home.ok("run", "-d", "--name", "a", image, "sleep", "60");
    expect(programs()).toEqual(["busybox", "keeper"]);
    await home.ok("run", "-d", "--name", "b", image, "sleep", "60");
    await home.ok("exec", "b", "true");
    expect(programs()).toEqual(["busybox", "busybox", "keeper", "keeper"]);
    const keeper = processesOf(home.folder).find(({ program }) => basename(program) === "keeper");
    const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${keeper?.pid}/status`, "utf8"))?.[1];
    expect(Number(resident)).toBeLessThan(1500);
    expect(hostMounts().filter((line) => !mounts.includes(line))).toEqual([]);
    await home.ok("stop", "-t", "0", "a", "b");
    await home.ok("rm", "a", "b");
    await nothingLeft(home.folder, before);
    expect(hostMounts().filter((line) => !mounts.includes(line))).toEqual([]);
  });

  test.each([
    ["run --rm", ["run", "--rm"]],
    ["run", ["run"]],
    ["run -d", ["run", "-d"]],
    ["run -d --rm", ["run", "-d", "--rm"]],
    ["run --init -t", ["run", "--init", "-t"]],
  ])("galley %s leaves no process, mount or control group when the container has ended", async (_, words) => {
    const before = lookAtHost();
    await home.run([...words, "-m", "64m", image, "sh", "-c", "sleep 60 & (sleep 60 &); exit 0"]);
    await nothingLeft(home.folder, before);
    await home.run(["rm", "-a"]);
    expect(await home.ok("ps", "-aq")).toBe("");
  });

  test("galley run that fails leaves no process, mount or control group", async () => {
    const before = lookAtHost();
    for (const command of ["nosuch", "/etc/passwd"]) await home.run(["run", "--rm", "-m", "64m", image, command]);
    await nothingLeft(home.folder, before);
  });

  test("galley rm takes a container's files away", async () => {
    await home.ok(
      "run",
      "--name",
      "big",
      image,
      "sh",
      "-c",
      "mkdir -p /d/e; dd if=/dev/zero of=/d/e/f bs=1k count=10 2>/dev/null",
    );
    const id = JSON.parse(await home.ok("inspect", "big"))[0].Id as string;
    expect(statSync(`${home.root}/containers/${id}`).isDirectory()).toBe(true);
    await home.ok("rm", "big");
    expect(statSync(`${home.root}/containers/${id}`, { throwIfNoEntry: false })).toBeUndefined();
  });
});
