import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { missingForHostTest } from "@galley/testing-images";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type BusyboxSetting, busyboxSetting } from "./busybox-setting.ts";
import { ended } from "./ended.ts";
import type { GalleyHome } from "./galley-home.ts";
import { missingForBlackBox, named } from "./galley-program.ts";
import { openTerminal, shellLine } from "./terminal.ts";
import { until } from "./until.ts";

const reason = missingForBlackBox();
const withoutScript = missingForHostTest({ programs: ["script"] });
/** Ends at SIGTERM with 5, and says so. */
const obedient = "trap 'echo bye; exit 5' TERM; echo up; while :; do sleep 0.05; done";
const stubborn = "trap '' TERM; echo up; while :; do sleep 0.05; done";

describe.skipIf(reason !== undefined)(named("galley run", reason), () => {
  let setting: BusyboxSetting;
  let home: GalleyHome;
  let image: string;
  beforeAll(async () => {
    setting = await busyboxSetting();
    ({ home, image } = setting);
  });
  afterAll(() => setting?.[Symbol.asyncDispose]());
  afterEach(async () => {
    await home.ok("rm", "-af", "-t", "0");
    expect(await home.ok("ps", "-aq")).toBe("");
  });

  const inspect = async (name: string) => JSON.parse(await home.ok("container", "inspect", name))[0];
  const logs = (name: string, text: string) =>
    until(`the log of ${name} is ${text}`, async () => (await home.ok("logs", name)) === text);

  describe.skipIf(withoutScript !== undefined)(named("on a terminal", withoutScript), () => {
    test("galley run -it gives a shell that answers, and ends with its code", async () => {
      const line = shellLine([...home.argv, "run", "--rm", "-it", image, "sh"]);
      using terminal = openTerminal(`stty rows 33 cols 101; ${line}; echo code=$?`);
      await terminal.sees(/# $/);
      terminal.type("tty; stty size\n");
      await terminal.sees(/\/dev\/(pts\/0|console)\r\n33 101\r\n/);
      terminal.type("sleep 60\n");
      await terminal.sees(/sleep 60\r\n/);
      terminal.type("\x03");
      await terminal.sees(/\^C\r\n.*# $/s);
      terminal.type("exit 9\n");
      await terminal.sees(/code=9\r\n/);
    });

    test("galley run -it tells the container when the terminal changes its size", async () => {
      const line = shellLine([...home.argv, "run", "--rm", "-it", image, "sh", "-c"]);
      const script = shellLine(["trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"]);
      using terminal = openTerminal(
        `(sleep 1; stty rows 44 cols 55 < /dev/tty) & stty rows 20 cols 30; ${line} ${script}`,
      );
      await terminal.sees(/44 55\r\n/);
      await home.run(["rm", "-af", "-t", "0"]);
    });

    test("galley run -it is left by ctrl-p ctrl-q, and the container goes on", async () => {
      const line = shellLine([...home.argv, "run", "--name", "left", "-it", image, "sh"]);
      using terminal = openTerminal(`${line}; echo code=$?; stty -a`);
      await terminal.sees(/# $/);
      terminal.type("\x10\x11");
      await terminal.sees(/code=0\r\n/);
      await terminal.sees(/[^-]icanon[\s\S]*[^-]echo /);
      expect((await inspect("left")).State.Status).toBe("running");
    });

    test("galley exec -it has a terminal of its own", async () => {
      await home.ok("run", "-d", "--name", "host", image, "sleep", "60");
      const line = shellLine([...home.argv, "exec", "-it", "host", "sh", "-c", "tty; exit 4"]);
      using terminal = openTerminal(`${line}; echo code=$?`);
      await terminal.sees(/\/dev\/pts\/\d+\r\n[\s\S]*code=4/);
    });
  });

  test("galley run -t without -i joins both streams in the log", async () => {
    const { out } = await home.run(["run", "-t", "--name", "tty", image, "sh", "-c", "echo o; echo e >&2"]);
    expect(out).toBe("o\r\ne\r\n");
  });

  test("galley run -d, logs -f, exec, stop and rm tell the whole story", async () => {
    const id = await home.ok("run", "-d", "--name", "story", image, "sh", "-c", obedient);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    await logs("story", "up");
    const follower = home.start(["logs", "-f", "story"], { stdio: ["ignore", "pipe", "pipe"] });
    const followed = ended(follower);
    expect(await home.ok("ps", "-q", "--no-trunc")).toBe(id);
    const exec = await home.run(["exec", "-i", "story", "sh", "-c", "cat; echo e >&2; exit 3"], { input: "in" });
    expect(exec).toEqual({ code: 3, out: "in", err: "e\n" });
    expect((await home.run(["rm", "story"])).code).toBe(2);
    expect(await home.ok("stop", "story")).toBe("story");
    expect(await followed).toEqual({ code: 0, out: "up\nbye\n", err: "" });
    expect(await home.ok("wait", "story")).toBe("5");
    expect((await inspect("story")).State).toMatchObject({ Status: "exited", ExitCode: 5, Pid: 0 });
    expect(await home.ok("ps", "-a")).toMatch(/Exited \(5\)/);
    expect((await home.run(["exec", "story", "true"])).code).toBe(255);
    expect(await home.ok("rm", id.slice(0, 12))).toBe(id.slice(0, 12));
    expect((await home.run(["rm", "story"])).code).toBe(1);
    expect((await home.run(["logs", "story"])).code).toBe(125);
  });

  test("galley logs keeps the streams apart and knows --tail, --since, --until and -t", async () => {
    const script = "echo 1; echo 2 >&2; sleep 1.2; echo 3; printf no-newline";
    await home.run(["run", "--name", "talk", image, "sh", "-c", script]);
    expect(await home.run(["logs", "talk"])).toEqual({ code: 0, out: "1\n3\nno-newline", err: "2\n" });
    expect((await home.run(["logs", "--tail", "1", "talk"])).out).toBe("no-newline");
    expect((await home.run(["logs", "--tail", "0", "talk"])).out).toBe("");
    const stamped = (await home.run(["logs", "-t", "talk"])).out;
    const stamp = /^(\S+) 3$/m.exec(stamped)?.[1] ?? "";
    expect(Date.parse(stamp)).toBeGreaterThan(Date.now() - 60_000);
    expect((await home.run(["logs", "--since", stamp, "talk"])).out).toBe("3\nno-newline");
    expect(await home.run(["logs", "--until", stamp, "talk"])).toMatchObject({
      out: expect.stringMatching(/^1\n/),
      err: "2\n",
    });
    expect(await home.run(["logs", "--since", "10m", "talk"])).toMatchObject({ out: "1\n3\nno-newline" });
    expect((await home.run(["logs", "--since", "next year", "talk"])).code).toBe(125);
  });

  test("galley run brings all of a long output in order", async () => {
    const { code, out } = await home.run(["run", "--rm", image, "seq", "1", "200000"]);
    expect(code).toBe(0);
    const lines = out.trim().split("\n");
    expect([lines.length, lines[0], lines.at(-1), lines[123_455]]).toEqual([200_000, "1", "200000", "123456"]);
  });

  test("galley run -i hands a long input on, and without -i none", async () => {
    const input = "x".repeat(3_000_000);
    expect((await home.run(["run", "--rm", "-i", image, "wc", "-c"], { input })).out).toBe("3000000\n");
    expect(await home.run(["run", "--rm", image, "cat"], { input: "secret" })).toEqual({ code: 0, out: "", err: "" });
  });

  test.each([0, 1, 2, 42, 124, 125, 126, 127, 128, 200, 255])(
    "galley run ends with the container's code %i",
    async (code) => {
      expect(await home.run(["run", "--rm", image, "sh", "-c", `exit ${code}`])).toEqual({ code, out: "", err: "" });
    },
  );

  test.each([
    ["HUP", 1],
    ["KILL", 9],
    ["SEGV", 11],
    ["TERM", 15],
    ["RTMIN+3", 37],
  ])("galley run ends with 128 and the number when SIG%s ends the container", async (signal, number) => {
    await home.ok("run", "-d", "--name", "killed", "--init", image, "sleep", "60");
    // The init passes a signal on; as process 1 itself, sleep would not be ended by one it does not handle.
    expect(await home.ok("kill", "-s", signal, "killed")).toBe("killed");
    expect(await home.ok("wait", "killed")).toBe(String(128 + number));
  });

  test("galley run -d of what cannot be started says so at once", async () => {
    expect((await home.run(["run", "-d", image, "nosuch"])).code).toBe(127);
    expect((await home.run(["run", "-d", image, "/etc/passwd"])).code).toBe(126);
  });

  test("galley stop kills what does not listen, after its time, and twice is fine", async () => {
    await home.ok("run", "-d", "--name", "deaf", "--stop-timeout", "1", image, "sh", "-c", stubborn);
    await logs("deaf", "up");
    const begun = performance.now();
    await home.ok("stop", "deaf");
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(performance.now() - begun).toBeLessThan(4000);
    expect(await home.ok("wait", "deaf")).toBe("137");
    await home.ok("stop", "deaf");
    await home.ok("start", "deaf");
    await home.ok("stop", "-t", "0", "deaf");
    expect((await inspect("deaf")).State.ExitCode).toBe(137);
  });

  test("galley run --stop-signal is what stop sends", async () => {
    const script = "trap 'exit 7' USR1; echo up; while :; do sleep 0.05; done";
    await home.ok("run", "-d", "--name", "usr", "--stop-signal", "USR1", image, "sh", "-c", script);
    await logs("usr", "up");
    await home.ok("stop", "usr");
    expect(await home.ok("wait", "usr")).toBe("7");
  });

  test("galley wait waits, for several, and -1 is not 0", async () => {
    await home.ok("run", "-d", "--name", "a", image, "sh", "-c", "sleep 0.6; exit 3");
    await home.ok("run", "-d", "--name", "b", image, "sh", "-c", "sleep 0.2; exit 4");
    expect(await home.ok("wait", "a", "b")).toBe("3\n4");
    expect((await home.run(["wait", "nobody"])).code).toBe(125);
  });

  test("galley run tells exit code and log also when nobody watched", async () => {
    await home.ok("run", "-d", "--name", "alone", image, "sh", "-c", "echo said; exit 6");
    const state = await until("it has ended", async () => {
      const { State } = await inspect("alone");
      return State.Status === "exited" && State;
    });
    expect(state).toMatchObject({ ExitCode: 6, Error: "" });
    expect(Date.parse(state.FinishedAt)).toBeGreaterThanOrEqual(Date.parse(state.StartedAt));
    expect(await home.ok("logs", "alone")).toBe("said");
  });

  test("galley create, start -a and start keep a container's files and its log", async () => {
    const id = await home.ok("create", "--name", "again", image, "sh", "-c", "echo x >> /f; wc -l < /f");
    expect((await inspect(id)).State).toMatchObject({ Status: "created", Running: false });
    expect(await home.ok("ps", "-q")).toBe("");
    expect(await home.ok("start", "-a", "again")).toBe("1");
    expect(await home.ok("start", "-a", "again")).toBe("2");
    expect(await home.ok("start", "again")).toBe("again");
    expect(await home.ok("wait", "again")).toBe("0");
    expect((await home.ok("logs", "again")).split("\n").at(-1)).toBe("3");
  });

  test("galley start of what runs and kill of what does not are told", async () => {
    await home.ok("run", "-d", "--name", "up", image, "sleep", "60");
    expect((await home.run(["start", "nobody"])).code).toBe(125);
    expect((await home.run(["kill", "-s", "NOSUCH", "up"])).code).toBe(125);
    await home.ok("kill", "up");
    await home.ok("wait", "up");
    expect(await home.run(["kill", "up"])).toMatchObject({
      code: 125,
      err: expect.stringMatching(/^Error: can only kill running/),
    });
  });

  test("galley run hands signals on to the container", async () => {
    const script = "trap 'exit 9' HUP; trap 'echo usr' USR1; echo up; while :; do sleep 0.05; done";
    const child = home.start(["run", "--rm", image, "sh", "-c", script], { stdio: ["ignore", "pipe", "pipe"] });
    let seen = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk;
    });
    const end = ended(child);
    await until("it is up", () => seen.includes("up"));
    child.kill("SIGUSR1");
    await until("it got the signal", () => seen.includes("usr"));
    child.kill("SIGHUP");
    expect((await end).code).toBe(9);
  });

  test("galley run --init reaps, and passes signals on", async () => {
    const script = "cat /proc/1/comm; (sleep 0.1 &) ; sleep 0.5; ps -o stat | grep -c Z";
    const { out } = await home.run(["run", "--rm", "--init", image, "sh", "-c", script]);
    expect(out).toMatch(/init\n0\n$/);
    expect((await home.run(["run", "--rm", "--init", image, "sh", "-c", "exit 33"])).code).toBe(33);
  });

  test("galley run --name is taken until the container is removed", async () => {
    await home.ok("run", "-d", "--name", "mine", image, "true");
    const second = await home.run(["run", "--name", "mine", image, "true"]);
    expect(second.code).toBe(125);
    expect(second.err).toMatch(/^Error: .*"mine" is already in use by [0-9a-f]{64}.*\n$/);
    await home.ok("rm", "-f", "mine");
    await home.ok("run", "--name", "mine", image, "true");
    expect((await home.run(["run", "--name", "no spaces", image, "true"])).code).toBe(125);
  });

  test("galley run --cidfile writes the id, once", async () => {
    const path = join(home.folder, "cid");
    const id = await home.ok("run", "-d", "--cidfile", path, image, "true");
    expect(await readFile(path, "utf8")).toBe(id);
    expect((await home.run(["run", "--cidfile", path, image, "true"])).code).toBe(125);
    expect((await home.run(["run", "--cidfile", `${path}2`, image, "nosuch"])).code).toBe(127);
  });

  test("galley ps shows what there is, as a table, as ids and as JSON", async () => {
    await home.ok("run", "-d", "--name", "runs", "-l", "tier=web", image, "sleep", "60");
    await home.ok("run", "--name", "ended", image, "true");
    await home.ok("create", "--name", "made", image, "true");
    expect((await home.ok("ps")).split("\n")).toHaveLength(2);
    expect((await home.ok("ps", "-aq")).split("\n")).toHaveLength(3);
    const [heading, ...rows] = (await home.ok("ps", "-a")).split("\n");
    expect(heading).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$/);
    expect(rows.map((row) => row.split(/ {2,}/).at(-1))).toEqual(["runs", "ended", "made"]);
    expect(rows.join("\n")).toMatch(/Up [\s\S]*Exited \(0\)[\s\S]*Created/);
    const listed = JSON.parse(await home.ok("ps", "-a", "--format", "json"));
    expect(listed).toHaveLength(3);
    expect(listed[0]).toMatchObject({ Names: ["runs"], Labels: { tier: "web" } });
  });

  test("galley exec knows -u, -w, -e, -d and its exit codes", async () => {
    await home.ok("run", "-d", "--name", "base", "-e", "A=1", "-w", "/etc", image, "sleep", "60");
    expect(await home.ok("exec", "base", "sh", "-c", "echo $A $PWD $(id -u)")).toBe("1 /etc 0");
    const flags = ["-u", "user", "-w", "/tmp", "-e", "B=2"];
    expect(await home.ok("exec", ...flags, "base", "sh", "-c", "echo $A $B $PWD $(id -u) $HOME")).toBe(
      "1 2 /tmp 1000 /home/user",
    );
    expect((await home.run(["exec", "base", "nosuch"])).code).toBe(127);
    expect((await home.run(["exec", "base", "/etc/passwd"])).code).toBe(126);
    expect((await home.run(["exec", "base", "sh", "-c", "kill -9 $$"])).code).toBe(137);
    await home.ok("exec", "-d", "base", "touch", "/tmp/by-exec");
    await until("it was done", async () => (await home.run(["exec", "base", "test", "-e", "/tmp/by-exec"])).code === 0);
    expect((await home.run(["exec", "nobody", "true"])).code).toBe(125);
  });
});
