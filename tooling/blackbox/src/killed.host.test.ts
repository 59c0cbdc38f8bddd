import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { ended } from "./ended.ts";
import { expectFailure } from "./failure.ts";
import type { GalleyHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { lookAtHost, nothingLeft } from "./nothing-left.ts";
import { processesOf } from "./traces.ts";
import { until } from "./until.ts";

const reason = missingForBlackBox();
/** Spread over all of a start, with some chance in each. */
const moments = (count: number, lastMs: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.round(((index + Math.random()) * lastMs) / count));

describe.skipIf(reason !== undefined)(named("galley", reason), () => {
  let setting: BusyboxSetting;
  let home: GalleyHome;
  let image: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    ({ home, image } = setting);
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());

  const inspect = async (name: string) => JSON.parse(await home.ok("container", "inspect", name))[0];
  const killAfter = async (ms: number, ...args: string[]): Promise<void> => {
    const child = home.start(args, { stdio: "ignore" });
    const end = ended(child);
    await sleep(ms);
    child.kill("SIGKILL");
    await end;
  };
  /** Nothing that a container had is left in the store or in the run directory. */
  const expectClean = (): void => {
    const kept = readdirSync(join(home.root, "containers")).filter((name) => /^[0-9a-f]{64}$/.test(name));
    expect([...kept, ...readdirSync(join(home.runroot, "containers"))]).toEqual([]);
  };

  test.each(moments(20, 120))(
    "galley run that is killed after %i ms leaves no container or a right one",
    async (ms) => {
      const before = lookAtHost();
      await killAfter(ms, "run", "--name", "victim", image, "sh", "-c", "echo up; sleep 0.15; exit 3");
      const there = (await home.run(["container", "exists", "victim"])).code === 0;
      if (there) {
        const status = await until("it is no longer being started", async () => {
          const { Status } = (await inspect("victim")).State;
          return Status !== "starting" && Status;
        });
        expect(["created", "running", "exited"]).toContain(status);
        if (status === "created") expect(await home.ok("start", "-a", "victim").catch(String)).toMatch(/up|: 3: /);
        else expect(await home.ok("wait", "victim")).toBe("3");
        expect(await home.ok("logs", "victim")).toMatch(/^up$/);
        await home.ok("rm", "victim");
      }
      await nothingLeft(home.folder, before);
      expect(await home.ok("ps", "-aq")).toBe("");
      expect(await home.ok("run", "--rm", "--name", "victim", image, "echo", "again")).toBe("again");
      expectClean();
    },
  );

  test.each(moments(12, 120))(
    "galley run --rm that is killed after %i ms leaves nothing when the container has ended",
    async (ms) => {
      const before = lookAtHost();
      await killAfter(ms, "run", "--rm", "-m", "64m", "--name", "victim", image, "sleep", "0.15");
      await until("it is gone", async () => (await home.ok("ps", "-aq")) === "");
      await home.ok("rm", "-a"); // a command that only reads does not tidy up
      await nothingLeft(home.folder, before);
      expect(await home.ok("run", "--rm", "--name", "victim", image, "echo", "again")).toBe("again");
      expectClean();
    },
  );

  test.each(moments(8, 100))("galley exec that is killed after %i ms leaves the container well", async (ms) => {
    await home.ok("run", "-d", "--name", "base", image, "sleep", "60");
    await killAfter(ms, "exec", "base", "sleep", "0.2");
    expect(await home.ok("exec", "base", "echo", "fine")).toBe("fine");
    await until(
      "only its own process is left",
      async () => !(await home.ok("exec", "base", "ps")).includes("sleep 0.2"),
    );
    await home.ok("rm", "-f", "-t", "0", "base");
    expectClean();
  });

  test.each(moments(8, 100))("galley rm -f that is killed after %i ms can be done again", async (ms) => {
    const before = lookAtHost();
    await home.ok("run", "-d", "--name", "doomed", image, "sleep", "60");
    await killAfter(ms, "rm", "-f", "-t", "0", "doomed");
    expect((await home.run(["rm", "-f", "-t", "0", "--ignore", "doomed"])).code).toBe(0);
    await nothingLeft(home.folder, before);
    expectClean();
  });

  describe("after kill -9 of the keeper", () => {
    async function orphan(name: string, ...args: string[]): Promise<number> {
      await home.ok("run", "-d", "--name", name, ...args);
      const { State } = await inspect(name);
      const keeper = processesOf(home.folder).find(({ pid }) => pid === State.ConmonPid);
      expect(basename(keeper?.program ?? "")).toBe("keeper");
      process.kill(State.ConmonPid, "SIGKILL");
      await until("the keeper is gone", () => !existsSync(`/proc/${State.ConmonPid}`));
      return State.Pid;
    }

    test("galley ps still says Up, exec works, and stop ends it with an unknown code, not 0", async () => {
      const before = lookAtHost();
      await orphan("orphan", image, "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done");
      expect(await home.ok("ps")).toMatch(/Up /);
      expect(await home.ok("exec", "orphan", "echo", "alive")).toBe("alive");
      await home.ok("stop", "orphan");
      const { State } = await inspect("orphan");
      expect(State).toMatchObject({ Status: "exited", Running: false, ExitCode: null, OOMKilled: false });
      expect(State.Error).toMatch(/unknown/);
      const waited = await home.run(["wait", "orphan"]);
      expect(waited.out).not.toBe("0\n");
      expect(await home.ok("ps", "-a")).toMatch(/Exited(?! \(0\))/);
      await home.ok("rm", "orphan");
      await nothingLeft(home.folder, before);
      expectClean();
    });

    test("galley kill and rm -f work, and start after the end", async () => {
      const before = lookAtHost();
      await orphan("orphan", image, "sleep", "60");
      await home.ok("kill", "orphan");
      await until("it has ended", async () => (await inspect("orphan")).State.Status === "exited");
      await home.ok("start", "orphan");
      expect((await inspect("orphan")).State.Status).toBe("running");
      await home.ok("rm", "-f", "-t", "0", "orphan");
      await nothingLeft(home.folder, before);
      expectClean();
    });

    test("galley wait, logs and logs -f end when the container does", async () => {
      await orphan("orphan", image, "sh", "-c", "echo said; sleep 0.6");
      const [waited, logged] = await Promise.all([home.run(["wait", "orphan"]), home.run(["logs", "-f", "orphan"])]);
      expect(waited.out.trim()).toBe("-1");
      expect(logged).toMatchObject({ code: 0, out: "said\n" });
      await home.ok("rm", "orphan");
    });

    test("galley run --rm's container is gone for all to see once it has ended", async () => {
      const before = lookAtHost();
      await orphan("orphan", "--rm", image, "sleep", "1");
      await until("it is gone", async () => (await home.ok("ps", "-aq")) === "");
      expect(await home.ok("run", "--rm", "--name", "orphan", image, "echo", "again")).toBe("again");
      await nothingLeft(home.folder, before);
      expectClean();
    });

    test("galley rm -a takes what is left of a --rm container that nobody sees any more", async () => {
      const before = lookAtHost();
      await orphan("orphan", "--rm", image, "sleep", "1");
      await until("it is gone", async () => (await home.ok("ps", "-aq")) === "");
      expect(await home.ok("rm", "-a")).toBe("");
      await nothingLeft(home.folder, before);
      expectClean();
    });

    test("galley run in the foreground does not end with 0", async () => {
      const running = home.run(["run", "--name", "front", image, "sleep", "1"]);
      const keeper = await until("it runs", async () => (await inspect("front")).State.ConmonPid || undefined);
      process.kill(keeper, "SIGKILL");
      expectFailure(await running, { code: 125 });
      await home.ok("rm", "-f", "-t", "0", "front");
    });
  });

  test("galley after a reboot: what ran has ended with an unknown code, can be started again, and pids mean nothing", async () => {
    const before = lookAtHost();
    await home.ok("run", "-d", "--name", "survivor", image, "sh", "-c", "echo up; sleep 60");
    await home.ok("run", "-d", "--rm", "--name", "passing", image, "sleep", "60");
    await until("it is up", async () => (await home.ok("logs", "survivor")) === "up");
    powerCut();
    const { State } = await inspect("survivor");
    expect(State).toMatchObject({ Status: "exited", Running: false, Pid: 0, ExitCode: null });
    expect(await home.ok("ps", "-q")).toBe("");
    expectFailure(await home.run(["exec", "survivor", "true"]), { code: 255 });
    await home.ok("start", "survivor");
    await until("it is up again", async () => (await home.ok("logs", "survivor")) === "up\nup");
    expect(await home.ok("run", "--rm", "--name", "passing", image, "echo", "free")).toBe("free");
    await home.ok("rm", "-f", "-t", "0", "survivor");
    await nothingLeft(home.folder, before);
    expectClean();
  });

  /** As if the power had gone: all processes, and all that a boot clears; the records are of another boot. */
  function powerCut(): void {
    for (const { pid } of processesOf(home.folder)) process.kill(pid, "SIGKILL");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const other = "01234567-89ab-cdef-0123-456789abcdef";
    using database = new DatabaseSync(join(home.root, "galley.db"));
    const changed = database.prepare("UPDATE records SET value = replace(value, ?, ?)").run(boot, other);
    expect(Number(changed.changes)).toBeGreaterThan(1);
    rmSync(home.runroot, { recursive: true });
  }
});
