import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { attach } from "./attach.ts";
import { launch, launchPath, texts, until } from "./testing/launch.ts";

const reason =
  process.platform !== "linux" ? "needs Linux" : existsSync(launchPath) ? "" : "npm run build:native has not run";

describe.skipIf(reason !== "")(`keeper ${reason}`, () => {
  test("keeper writes the pid record before it says ready, and the exit record at the end", async () => {
    await using run = launch(["sh", "-c", "exit 7"], { arguments: ["--stamp", 'a "quoted" \\ stämp\n'] });
    expect(await run.ready).toEqual(Buffer.of(1));
    const exit = await run.exit();
    const pid = await run.pid();
    expect(pid).toMatchObject({ version: 1, keeper: run.process.pid, child: exit.pid, stamp: 'a "quoted" \\ stämp\n' });
    expect(pid.keeperStart).toBeGreaterThan(0);
    expect(pid.childStart).toBeGreaterThanOrEqual(pid.keeperStart);
    expect(exit).toMatchObject({ code: 7, signal: 0, coreDumped: false, logLostBytes: 0, files: {} });
    expect(exit.stamp).toBe(pid.stamp);
    expect(Date.parse(exit.finishedAt)).toBeGreaterThanOrEqual(Date.parse(exit.startedAt));
    expect(exit.durationNs).toBeLessThan(5e9);
    expect(await run.ended).toEqual({ code: 0, signal: null });
  });

  test("keeper takes other names for its records", async () => {
    await using run = launch(["true"], { arguments: ["--exit-name", "exec-1.exit", "--pid-name", "exec-1.pid"] });
    await run.ended;
    expect(existsSync(join(run.directory, "exec-1.exit"))).toBe(true);
    expect(existsSync(join(run.directory, "exec-1.pid"))).toBe(true);
    expect(existsSync(join(run.directory, "exit"))).toBe(false);
  });

  test.each([0, 1, 2, 64, 126, 127, 128, 137, 200, 255])("keeper records exit code %i", async (code) => {
    await using run = launch(["sh", "-c", `exit ${code}`]);
    expect(await run.exit()).toMatchObject({ code, signal: 0 });
  });

  test.each([1, 2, 6, 9, 11, 15, 31])("keeper records death by signal %i", async (signal) => {
    await using run = launch(["sh", "-c", `ulimit -c 0; kill -${signal} $$`]);
    expect(await run.exit()).toMatchObject({ code: 128 + signal, signal, coreDumped: false });
  });

  test("keeper records the death of a first process in its own pid namespace", async () => {
    if (process.getuid?.() !== 0) return;
    await using run = launch(["sh", "-c", "sleep 100 & echo in; exit 3"], { what: ["stdout", "pidns"] });
    expect(await run.exit()).toMatchObject({ code: 3 });
    expect(texts(await run.log())).toEqual(["stdout F in"]);
  });

  test("keeper keeps the order of lines and loses none of 300000", async () => {
    await using run = launch(["seq", "1", "300000"]);
    const lines = await run.log();
    const whole = lines.map((line) => `${Buffer.from(line.bytes)}${line.partial ? "" : "\n"}`).join("");
    expect(whole).toBe(Array.from({ length: 300000 }, (_, index) => `${index + 1}\n`).join(""));
  });

  test("keeper tells stdout and stderr apart and marks the unfinished end as partial", async () => {
    await using run = launch(["sh", "-c", "echo out; echo err >&2; echo; printf 'no end'; printf last >&2"]);
    const lines = texts(await run.log());
    expect(lines.filter((line) => line.startsWith("stdout"))).toEqual(["stdout F out", "stdout F ", "stdout P no end"]);
    expect(lines.filter((line) => line.startsWith("stderr"))).toEqual(["stderr F err", "stderr P last"]);
  });

  test("keeper cuts a line of 40000 bytes into partial ones of 16 KiB", async () => {
    await using run = launch(["sh", "-c", "head -c 40000 /dev/zero | tr '\\0' x; echo; echo next"]);
    const lines = await run.log();
    expect(lines.map((line) => [line.partial, line.bytes.length])).toEqual([
      [true, 16384],
      [true, 16384],
      [false, 40000 - 32768],
      [false, 4],
    ]);
  });

  test("keeper joins a line written in quick pieces and does not hold back a prompt", async () => {
    const script = "printf a; printf b; echo c; printf 'prompt> '; sleep 0.5; echo answer";
    await using run = launch(["sh", "-c", script]);
    await run.ready;
    await until(async () => (await readFile(join(run.directory, "log"), "utf8")).includes("P prompt> \n"), "prompt");
    expect(texts(await run.log())).toEqual(["stdout F abc", "stdout P prompt> ", "stdout F answer"]);
  });

  test("keeper writes log times as RFC 3339 with nanoseconds and +00:00", async () => {
    await using run = launch(["echo", "x"]);
    const [line] = await run.log();
    expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}\+00:00$/);
    expect(Math.abs(Date.parse(line?.time ?? "") - Date.now())).toBeLessThan(60_000);
  });

  test("keeper survives the signals of a terminal", async () => {
    await using run = launch(["sh", "-c", "sleep 0.3; exit 5"]);
    await run.ready;
    for (const signal of [
      "SIGHUP",
      "SIGINT",
      "SIGTERM",
      "SIGQUIT",
      "SIGPIPE",
      "SIGTSTP",
      "SIGTTIN",
      "SIGTTOU",
    ] as const) {
      run.process.kill(signal);
    }
    expect(await run.exit()).toMatchObject({ code: 5 });
  });

  test("keeper does not wait for ever for a grandchild that holds the output", async () => {
    const startMs = performance.now();
    await using run = launch(["sh", "-c", "echo before; sleep 30 & exit 4"]);
    expect(await run.exit()).toMatchObject({ code: 4 });
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(texts(await run.log())).toEqual(["stdout F before"]);
  });

  test("keeper still logs what a grandchild writes soon after the end", async () => {
    await using run = launch(["sh", "-c", "(sleep 0.4; echo late) & exit 0"]);
    expect(texts(await run.log())).toEqual(["stdout F late"]);
  });

  test("keeper copies the beginnings of files into the exit record, then removes directories", async () => {
    await using run = launch(["sh", "-c", "sleep 0.2"], {
      arguments: [
        ...["--read", "events={}/group/events", "--read", "long={}/long", "--read", "none={}/none"],
        ...["--rmdir", "{}/empty", "--rmdir", "{}/full", "--rmdir", "{}/absent"],
      ],
    });
    for (const name of ["group", "empty", "full"]) await mkdir(join(run.directory, name));
    await writeFile(join(run.directory, "full/file"), "");
    await writeFile(join(run.directory, "group/events"), 'oom_kill 1\n"\u0001\\ü');
    await writeFile(join(run.directory, "long"), "y".repeat(10_000));
    expect((await run.exit()).files).toEqual({ events: 'oom_kill 1\n"\u0001\\ü', long: "y".repeat(4096) });
    expect(existsSync(join(run.directory, "empty"))).toBe(false);
    expect(existsSync(join(run.directory, "full"))).toBe(true);
  });

  test("keeper keeps the exit record one frame small, whatever the files hold", async () => {
    const names = Array.from({ length: 16 }, (_, index) => `file${index}`);
    await using run = launch(["sh", "-c", "sleep 0.2"], {
      arguments: names.flatMap((name) => ["--read", `${name}={}/${name}`]),
    });
    for (const name of names) await writeFile(join(run.directory, name), Buffer.alloc(5000, 1));
    const { files } = await run.exit();
    expect(Object.keys(files).length).toBeGreaterThan(0);
    expect(files["file0"]).toBe("\u0001".repeat(4096));
    expect((await stat(join(run.directory, "exit"))).size).toBeLessThanOrEqual(65536);
  });

  test("keeper makes JSON of a file that is not UTF-8", async () => {
    await using run = launch(["sh", "-c", "sleep 0.2"], { arguments: ["--read", "f={}/f"] });
    await writeFile(join(run.directory, "f"), Buffer.from("61ff62c0afeda080f4908080e282", "hex"));
    expect((await run.exit()).files["f"]).toBe("a\ufffdb".padEnd(14, "\ufffd"));
  });

  test("keeper becomes the program after --then, with the environment and no signal ignored", async () => {
    const script = 'echo "$KEPT $1" > "$2"; kill -TERM $$; echo survived >> "$2"';
    await using run = launch(["sh", "-c", "exit 9"], {
      arguments: ["--then", "/bin/sh", "-c", script, "sh", "arg", "{}/then"],
      env: { ...process.env, KEPT: "kept" },
    });
    expect(await run.ended).toEqual({ code: null, signal: "SIGTERM" });
    expect(await readFile(join(run.directory, "then"), "utf8")).toBe("kept arg\n");
    expect(await run.exit()).toMatchObject({ code: 9 });
  });

  test("keeper skips --then when the primary client acknowledged, and only then", async () => {
    for (const acknowledge of [true, false]) {
      await using run = launch(["sh", "-c", "exit 9"], {
        primary: true,
        arguments: ["--then", "/bin/sh", "-c", 'echo ran > "$1"', "sh", "{}/then"],
      });
      const attachment = attach(run.client);
      expect((await attachment.exited).code).toBe(9);
      expect(existsSync(join(run.directory, "exit"))).toBe(true);
      if (acknowledge) await attachment.acknowledge();
      attachment.close();
      await run.ended;
      expect(existsSync(join(run.directory, "then"))).toBe(!acknowledge);
    }
  });

  test("keeper lets go of the caller's terminal, pipes and directory", async () => {
    await using run = launch(["sleep", "0.5"]);
    await run.ready;
    const { readlink } = await import("node:fs/promises");
    for (const number of [0, 1, 2]) expect(await readlink(`/proc/${run.process.pid}/fd/${number}`)).toBe("/dev/null");
    expect(await readlink(`/proc/${run.process.pid}/cwd`)).toBe("/");
  });

  test.each([
    { wrong: ["--nonsense"], said: "--nonsense" },
    { wrong: ["--log", "99"], said: "--log" },
    { wrong: ["--log", "x"], said: "--log" },
    { wrong: ["--pty", "4"], said: "--pty" },
    { wrong: ["--exit-name", "a/b"], said: "--exit-name" },
    { wrong: ["--exit-name", ".."], said: "--exit-name" },
    { wrong: ["--read", "nothing"], said: "--read" },
    { wrong: ["--stamp"], said: "--stamp" },
    { wrong: ["--then"], said: "--then" },
    { wrong: ["--run", "4"], said: "pid" },
    { wrong: ["--keep", "4"], said: "exit" },
    { wrong: Array.from({ length: 33 }, () => ["--rmdir", "/x"]).flat(), said: "--rmdir" },
  ])("keeper refuses $wrong.0 $wrong.1: says so on the ready pipe and kills the child", async ({ wrong, said }) => {
    await using run = launch(["sleep", "1000"], { arguments: wrong });
    const ready = await run.ready;
    expect(ready[0]).toBe(2);
    expect(ready.readUInt32LE(1)).toBeGreaterThan(0);
    expect(ready.subarray(5).toString()).toBe(said);
    expect((await run.ended).code).toBe(1);
    expect(existsSync(join(run.directory, "exit"))).toBe(false);
  });

  test("keeper refuses a child that is not a pidfd", async () => {
    await using run = launch(["sleep", "0.1"], { arguments: ["--child", "4"] });
    expect((await run.ready).subarray(5).toString()).toBe("--child");
  });

  test("keeper passes 50 MiB to log and client with equal content", async () => {
    // Lines of 100 bytes, the numbers make each different.
    const script = "seq -f '%098.0fx' 1 524288";
    await using run = launch(["sh", "-c", script], { primary: true });
    const received = createHash("sha256");
    let receivedBytes = 0;
    const startMs = performance.now();
    const attachment = attach(run.client, {
      onOutput: (_, bytes) => {
        received.update(bytes);
        receivedBytes += bytes.length;
      },
    });
    expect((await attachment.exited).logLostBytes).toBe(0);
    const elapsedMs = performance.now() - startMs;
    attachment.close();
    const expected = createHash("sha256");
    for (let number = 1; number <= 524288; number++) expected.update(`${String(number).padStart(98, "0")}x\n`);
    const wanted = expected.digest("hex");
    expect(receivedBytes).toBe(52_428_800);
    expect(received.digest("hex")).toBe(wanted);
    const logged = createHash("sha256");
    for (const line of await run.log()) logged.update(line.bytes).update(line.partial ? "" : "\n");
    expect(logged.digest("hex")).toBe(wanted);
    console.log(`keeper: 50 MiB in ${elapsedMs.toFixed(0)} ms`);
  });

  test("keeper needs little memory when idle, also after much output", async () => {
    await using run = launch(["sh", "-c", "head -c 2000000 /dev/zero | tr '\\0' '\\n'; sleep 3"]);
    await run.ready;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const text = await readFile(`/proc/${run.process.pid}/smaps_rollup`, "utf8");
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
    console.log(`keeper: idle Rss ${kilobytes("Rss")} kB, of which anonymous ${kilobytes("Anonymous")} kB`);
    expect(kilobytes("Anonymous")).toBeLessThan(128);
    expect(kilobytes("Rss")).toBeLessThan(800);
  });
});
