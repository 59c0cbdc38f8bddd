import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import type { GalleyHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";

const reason = missingForBlackBox();
const mebibyte = 1024 * 1024;

/** The first of these files in a container's control group, in whichever hierarchy has it. */
function groupFile(id: string, ...files: readonly (readonly [controller: string, name: string])[]): string {
  for (const [controller, name] of files) {
    const paths = [controller, "", "unified"].map((hierarchy) =>
      join("/sys/fs/cgroup", hierarchy, `galley-${id}`, name),
    );
    const found = paths.find((path) => existsSync(path));
    if (found !== undefined) return readFileSync(found, "utf8").trim();
  }
  throw new Error(`no control group of ${id} has any of ${files.join(" ")}`);
}

const memoryLimit = (id: string) => groupFile(id, ["memory", "memory.limit_in_bytes"], ["memory", "memory.max"]);
const pidsLimit = (id: string) => groupFile(id, ["pids", "pids.max"]);

function processorShare(id: string): number {
  const both = groupFile(id, ["cpu", "cpu.cfs_quota_us"], ["cpu", "cpu.max"]).split(" ").map(Number);
  const period = both[1] ?? Number(groupFile(id, ["cpu", "cpu.cfs_period_us"]));
  return (both[0] ?? 0) / period;
}

describe.skipIf(reason !== undefined)(named("galley run with limits", reason), () => {
  let setting: BusyboxSetting;
  let home: GalleyHome;
  let image: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    ({ home, image } = setting);
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());
  afterEach(() => home.run(["rm", "-af", "-t", "0"]));

  const sleeper = (...flags: string[]) => home.ok("run", "-d", "--name", "limited", ...flags, image, "sleep", "60");
  const inspect = async (name: string) => JSON.parse(await home.ok("container", "inspect", name))[0];

  test("galley run -m, --cpus and --pids-limit show in the container's control group", async () => {
    const id = await sleeper("-m", "64m", "--cpus", "0.5", "--pids-limit", "20");
    expect(memoryLimit(id)).toBe(String(64 * mebibyte));
    expect(processorShare(id)).toBe(0.5);
    expect(pidsLimit(id)).toBe("20");
    const { HostConfig, State } = await inspect("limited");
    expect(HostConfig).toMatchObject({ Memory: 64 * mebibyte, NanoCpus: 5e8, PidsLimit: 20 });
    expect(groupFile(id, ["memory", "cgroup.procs"]).split("\n")).toContain(String(State.Pid));
  });

  test("galley run without limits sets none but that on processes", async () => {
    const id = await sleeper();
    expect(Number(memoryLimit(id))).not.toBeLessThan(2 ** 50);
    expect(processorShare(id)).toBeLessThan(0);
  });

  test("galley run -m bites: 137, and OOMKilled is told", async () => {
    const flags = ["--name", "greedy", "-m", "64m", "--memory-swap", "64m"];
    const greedy = await home.run(["run", ...flags, image, "sh", "-c", "tail /dev/zero"]);
    expect(greedy.code).toBe(137);
    expect((await inspect("greedy")).State).toMatchObject({ OOMKilled: true, ExitCode: 137 });
    await home.run(["run", "--name", "modest", ...flags.slice(2), image, "sh", "-c", "kill -9 $$; exit 1"]);
    expect((await inspect("modest")).State.OOMKilled).toBe(false);
  });

  test("galley run -m counts what exec does too", async () => {
    await sleeper("-m", "64m", "--memory-swap", "64m");
    expect((await home.run(["exec", "limited", "tail", "/dev/zero"])).code).toBe(137);
  });

  test("galley run --pids-limit bites", async () => {
    const bomb = "i=0; while [ $i -lt 40 ]; do sleep 2 & i=$((i+1)); done; wait";
    const { err } = await home.run(["run", "--rm", "--pids-limit", "20", image, "sh", "-c", bomb]);
    expect(err).toMatch(/can't fork|Resource temporarily unavailable/);
    const enough = await home.run([
      "run",
      "--rm",
      "--pids-limit",
      "60",
      image,
      "sh",
      "-c",
      bomb.replace("sleep 2", "true"),
    ]);
    expect(enough).toEqual({ code: 0, out: "", err: "" });
  });

  test("galley run --cpus bites", async () => {
    const spin = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; cat /proc/self/stat > /dev/null; times";
    const begun = performance.now();
    const { out } = await home.run(["run", "--rm", "--cpus", "0.2", image, "sh", "-c", spin]);
    const wallS = (performance.now() - begun) / 1000;
    const [, minutes, seconds] = /^(\d+)m([\d.]+)s/.exec(out) ?? [];
    const userS = Number(minutes) * 60 + Number(seconds);
    expect(userS).toBeGreaterThan(0.1);
    expect(userS / wallS).toBeLessThan(0.4);
  });

  test("galley run --ulimit sets what the process has, and nothing of the host's", async () => {
    const script = "ulimit -n; ulimit -Hn; ulimit -c";
    const flags = ["--ulimit", "nofile=123:456", "--ulimit", "core=0"];
    expect(await home.ok("run", "--rm", ...flags, image, "sh", "-c", script)).toBe("123\n456\n0");
    expect((await home.run(["run", "--rm", "--ulimit", "nofile=9:5", image, "true"])).code).toBe(125);
    expect((await home.run(["run", "--rm", "--ulimit", "nosuch=5", image, "true"])).code).toBe(125);
  });

  test.each([
    ["-m", "1k"],
    ["-m", "-5"],
    ["-m", "64q"],
    ["--memory-swap", "32m"],
    ["--cpus", "a lot"],
    ["--cpus", "-1"],
    ["--pids-limit", "1.5"],
  ])("galley run %s %j is refused in one line", async (flag, value) => {
    const refused = await home.run(["run", "--rm", flag, value, image, "true"]);
    expect(refused).toMatchObject({ code: 125, out: "", err: expect.stringMatching(/^Error: [^\n]+\n/) });
    expect(await home.ok("ps", "-aq")).toBe("");
  });
});
