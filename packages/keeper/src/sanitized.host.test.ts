import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { attach } from "./attach.ts";
import { connectAttach } from "./connect-attach.ts";
import { encodeFrame, frameTypes } from "./frames.ts";
import { launch, launchPath, texts, until } from "./testing/launch.ts";

const native = fileURLToPath(new URL("../native", import.meta.url));
const flags = ["-g", "-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
/** `init` is a program of its own. */
const sources = globSync(`${native}/*.c`).filter((path) => !path.endsWith("/init.c"));
const folder = mkdtempSync(join(tmpdir(), "keeper-sanitized-"));
const keeper = join(folder, "keeper");
const reason = build();
afterAll(() => rmSync(folder, { recursive: true }));

function build(): string {
  if (process.platform !== "linux" || !existsSync(launchPath)) return "needs Linux and npm run build:native";
  try {
    execFileSync("cc", [...flags, "-o", keeper, ...sources], { stdio: "pipe" });
    execFileSync(keeper, [], { stdio: "pipe" });
  } catch (error) {
    const { status, stderr } = error as { status?: number; stderr?: Buffer };
    if (status === 1 && stderr?.length === 0) return ""; // the program refuses to do nothing: it runs
    if (/sanitize|asan|ubsan/.test(String(stderr))) return "needs the compiler's sanitizers";
    throw error;
  }
  return "";
}

/** The keeper's stderr is /dev/null, so findings go to files. */
const env = { ...process.env, ASAN_OPTIONS: `log_path=${folder}/found`, UBSAN_OPTIONS: `log_path=${folder}/found` };
const findings = (): string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith("found"))
    .map((name) => readFileSync(join(folder, name), "utf8"));

describe.skipIf(reason !== "")(`keeper with address and undefined-behaviour checks ${reason}`, () => {
  test("keeper serves stdin, output, hostile and vanishing clients, records and then without a finding", async () => {
    await using run = launch(["sh", "-c", "cat; seq 1 50000 >&2; printf end; head -c 100000 /dev/zero; exit 5"], {
      what: ["stdin", "stdout", "stderr"],
      primary: true,
      keeper,
      env,
      arguments: [
        ...["--stdin-once", "--stamp", '\u0001"\\ü\xff', "--read", "file={}/file", "--rmdir", "{}/none"],
        ...["--then", "/bin/touch", "{}/then"],
      ],
    });
    await run.ready;
    writeFileSync(join(run.directory, "file"), Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256)));
    let received = 0;
    const attachment = attach(run.client, {
      onOutput: (_, bytes) => {
        received += bytes.length;
      },
    });
    const others = await Promise.all(
      Array.from({ length: 20 }, () => connectAttach(run.socketPath, { stdout: true, stderr: true })),
    );
    for (const noise of ["07", "11000000ffffffff", "100000000100000000".repeat(1000), "1300000004000000"]) {
      const socket: Socket = connect({ path: run.socketPath });
      socket.on("error", () => {});
      socket.end(Buffer.from(noise, "hex"));
    }
    await attachment.write(new Uint8Array(300_000).fill(97));
    for (const other of others.slice(0, 10)) other.close();
    attachment.endStdin();
    expect((await attachment.exited).code).toBe(5);
    for (const other of others.slice(10)) expect((await other.exited).code).toBe(5);
    attachment.close();
    expect(await run.ended).toEqual({ code: 0, signal: null });
    expect(received).toBe(300_000 + 288_894 + 3 + 100_000);
    expect(existsSync(join(run.directory, "then"))).toBe(true);
    expect(findings()).toEqual([]);
  });

  test("keeper serves a terminal and trims its memory without a finding", async () => {
    await using run = launch(["sh", "-c", "stty size; read a; echo $a"], { what: ["pty"], primary: true, keeper, env });
    const attachment = attach(run.client);
    attachment.resize({ rows: 10, columns: 20 });
    await new Promise((resolve) => setTimeout(resolve, 1300)); // past the trim
    await attachment.write(Buffer.from("word\n"));
    await attachment.exited;
    await attachment.acknowledge();
    await run.ended;
    expect(texts(await run.log())).toContain("stdout F word\r");
    expect(findings()).toEqual([]);
  });

  test("keeper stands random frames without a finding", async () => {
    await using run = launch(["sleep", "1000"], { what: ["stdin", "stdout"], keeper, env });
    await run.ready;
    let seed = 12345;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return Math.floor((seed / 2147483648) * below);
    };
    const types = [...Object.values(frameTypes), 0, 255];
    for (let turn = 0; turn < 300; turn++) {
      const socket = connect({ path: run.socketPath });
      socket.on("error", () => {});
      socket.write(encodeFrame(frameTypes.hello, Uint8Array.of(random(16))));
      for (let frame = 0; frame < 5; frame++) {
        const bytes = Buffer.alloc(random(12), random(256));
        socket.write(encodeFrame(types[random(types.length)] as number, bytes));
      }
      await new Promise<void>((resolve) => socket.end(resolve));
      socket.destroy();
    }
    process.kill((await run.pid()).child, "SIGKILL");
    expect((await run.exit()).signal).toBe(9);
    expect(findings()).toEqual([]);
  });

  test("keeper fails to start without a finding", async () => {
    for (const wrong of [
      ["--keep", "4"],
      ["--run", "4"],
      ["--stamp", "x".repeat(100_000)],
      ["--log", "1000000000"],
    ]) {
      await using run = launch(["sleep", "1000"], { keeper, env, arguments: wrong });
      expect((await run.ready)[0]).toBe(2);
      await until(() => run.process.exitCode === 1, "end");
    }
    expect(findings()).toEqual([]);
  });
});
