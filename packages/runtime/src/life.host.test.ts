import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { perform } from "@galley/stage";
import { describe, expect, test } from "vitest";
import { createContainer } from "./create-container.ts";
import {
  finished,
  groupPaths,
  type HostBundle,
  hostBundle,
  started,
  traces,
  whyNoContainers,
} from "./testing/host-bundle.ts";

const reason = whyNoContainers();

function lives(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const gone = (pid: number): Promise<void> => expect.poll(() => lives(pid), { timeout: 5000 }).toBe(false);

/** Another process that creates a container of the bundle, and perhaps starts it. */
async function creator(
  bundle: HostBundle,
  id: string,
  what: readonly string[],
): Promise<{ readonly process: ChildProcess; readonly pid: number }> {
  const script = fileURLToPath(new URL("testing/creator.ts", import.meta.url));
  const args = ["--conditions=@galley/source", script, bundle.directory, id, ...what];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout as NonNullable<typeof child.stdout>, "data")) as [Buffer];
  return { process: child, pid: Number(line.toString()) };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

describe.skipIf(reason !== "")(`the life of a container ${reason}`, () => {
  test("createContainer() runs nothing of the container before start", async () => {
    using bundle = hostBundle();
    const container = await createContainer(bundle.launch({ process: { args: ["touch", "/tmp/ran"] } }), perform);
    expect(lives(container.pid)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(existsSync(`${bundle.rootfs}/tmp/ran`)).toBe(false);
    await container.start();
    expect(await container.exited).toMatchObject({ code: 0 });
    expect(existsSync(`${bundle.rootfs}/tmp/ran`)).toBe(true);
  });

  test("createContainer() leaves nothing when its process is killed before start, and the place can be used again", async () => {
    using bundle = hostBundle();
    const launch = bundle.launch({ process: { args: ["true"] } });
    const { process: child, pid } = await creator(bundle, launch.id, ["create", "sleep", "60"]);
    const stage = Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    expect([lives(pid), lives(stage)]).toEqual([true, true]);
    await kill(child);
    await Promise.all([gone(pid), gone(stage)]);
    for (const path of groupPaths(launch))
      if (existsSync(path)) expect(readFileSync(`${path}/cgroup.procs`, "utf8")).toBe("");
    expect(await finished(launch)).toMatchObject({ record: { code: 0 } });
    expect(groupPaths(launch).filter((path) => existsSync(path))).toEqual([]);
  });

  test("createContainer() leaves a whole container when its process is killed after start", async () => {
    using bundle = hostBundle();
    const launch = bundle.launch();
    const { process: child, pid } = await creator(bundle, launch.id, [
      "start",
      "sh",
      "-c",
      "sleep 0.5; echo bye; exit 3",
    ]);
    await kill(child);
    expect(lives(pid)).toBe(true);
    await expect.poll(() => existsSync(join(bundle.keepDirectory, "exit")), { timeout: 5000 }).toBe(true);
    expect(bundle.exitRecord()).toMatchObject({ code: 3, pid });
    expect(readFileSync(join(bundle.keepDirectory, "log"), "utf8")).toMatch(/ stdout F bye\n$/);
    await expect.poll(() => groupPaths(launch).filter((path) => existsSync(path)), { timeout: 5000 }).toEqual([]);
  });

  test("createContainer() goes on when its keeper is killed, and whoever waits is told", async () => {
    using bundle = hostBundle();
    const container = await started(bundle.launch({ process: { args: ["sleep", "60"] } }));
    process.kill(bundle.pidRecord().keeper, "SIGKILL");
    await expect(container.exited).rejects.toMatchObject({ kind: "unavailable", code: "keeper.gone" });
    expect(lives(container.pid)).toBe(true);
    expect(existsSync(join(bundle.keepDirectory, "exit"))).toBe(false);
    process.kill(container.pid, "SIGKILL");
    await gone(container.pid);
  });

  test("createContainer() ends what the abort of its signal finds before start", async () => {
    using bundle = hostBundle();
    const abort = new AbortController();
    const container = await createContainer(bundle.launch({ process: { args: ["sleep", "60"] } }), perform, {
      signal: abort.signal,
    });
    abort.abort();
    await expect(container.exited).rejects.toMatchObject({ kind: "cancelled" });
    await gone(container.pid);
  });

  test("createContainer() ends all processes of a container with its first", async () => {
    using bundle = hostBundle();
    const launch = bundle.launch({ process: { args: ["sh", "-c", "sleep 60 & sleep 60 & exit 0"] } });
    expect(await finished(launch)).toMatchObject({ record: { code: 0 } });
    expect(groupPaths(launch).filter((path) => existsSync(path))).toEqual([]);
  });

  test("createContainer() loses no byte of much output", async () => {
    using bundle = hostBundle();
    const { stdout } = await bundle.run("head -c 20000000 /dev/zero | tr '\\0' x");
    expect(stdout.length).toBe(20_000_000);
  });

  test("createContainer() runs eight at once", async () => {
    const bundles = Array.from({ length: 8 }, hostBundle);
    const runs = await Promise.all(
      bundles.map((bundle, index) => bundle.run(`echo ${index}; sleep 0.2; exit ${index}`)),
    );
    expect(runs.map(({ stdout, record }) => [stdout, record.code])).toEqual(
      runs.map((_, index) => [`${index}\n`, index]),
    );
    for (const bundle of bundles) bundle[Symbol.dispose]();
  });

  test("createContainer() leaks nothing in 50 runs one after the other", { timeout: 60_000 }, async () => {
    using bundle = hostBundle();
    await bundle.run("true");
    await expect.poll(() => traces()["keepers"]).toEqual([]);
    const before = traces();
    for (let round = 0; round < 50; round += 1) expect((await bundle.run("true")).record.code).toBe(0);
    await expect.poll(traces, { timeout: 5000 }).toEqual(before);
    expect(before).toMatchObject({ groups: [], keepers: [] });
  });

  test("createContainer() leaves no process behind when there is no keeper to take over", async () => {
    using bundle = hostBundle();
    const launch = bundle.launch({ process: { args: ["sleep", "61.5"] } });
    const { keeper } = launch;
    const container = await createContainer(
      { ...launch, keeper: { ...keeper, programPath: "/nothing/keeper" } },
      perform,
    );
    await expect(container.start()).rejects.toMatchObject({ code: "stage.step-failed", details: { by: "keeper" } });
    await gone(container.pid);
    mkdirSync(join(bundle.runDirectory, "pid")); // where the keeper's record must go
    const second = await createContainer(bundle.launch({ process: { args: ["sleep", "61.5"] } }), perform);
    await expect(second.start()).rejects.toMatchObject({ kind: "unavailable", code: "runtime.keeper-failed" });
    await gone(second.pid);
  });

  test("createContainer() leaks nothing when it fails", async () => {
    using bundle = hostBundle();
    const fail = () =>
      expect(bundle.run(["nothing-there"])).rejects.toMatchObject({ code: "runtime.command-not-found" });
    await fail();
    await expect.poll(() => traces()["keepers"]).toEqual([]);
    const before = traces();
    for (let round = 0; round < 10; round += 1) await fail();
    await expect.poll(() => traces()["descriptors"], { timeout: 5000 }).toBe(before["descriptors"]);
    expect(traces()).toMatchObject(before);
  });
});
