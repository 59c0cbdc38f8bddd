import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Attachment, attach } from "./attach.ts";
import { connectAttach } from "./connect-attach.ts";
import { encodeFrame, frameTypes } from "./frames.ts";
import { type Launched, launch, launchPath, texts, until } from "./testing/launch.ts";

const reason =
  process.platform !== "linux" ? "needs Linux" : existsSync(launchPath) ? "" : "npm run build:native has not run";
const pipes = ["stdin", "stdout", "stderr"];

/** Collects output as text. */
function collector() {
  const text = { stdout: "", stderr: "" };
  return {
    text,
    onOutput: (stream: "stdout" | "stderr", bytes: Uint8Array) => {
      text[stream] += Buffer.from(bytes).toString("latin1");
    },
  };
}

async function rawConnect(path: string): Promise<Socket> {
  const socket = connect({ path });
  await once(socket, "connect");
  return socket.on("error", () => {});
}

describe.skipIf(reason !== "")(`attach() to a real keeper ${reason}`, () => {
  test("attach() takes stdin to the payload and its output back", async () => {
    await using run = launch(["cat"], { what: pipes, primary: true, arguments: ["--stdin-once"] });
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    await attachment.write(Buffer.from("hello\n"));
    await until(() => text.stdout === "hello\n", "echo");
    attachment.endStdin();
    expect(await attachment.exited).toMatchObject({ code: 0 });
    attachment.close();
  });

  test("attach() passes 20 MiB through cat, both ways at once", async () => {
    await using run = launch(["cat"], { what: pipes, primary: true, arguments: ["--stdin-once"] });
    const received = createHash("sha256");
    const attachment = attach(run.client, { onOutput: (_, bytes) => void received.update(bytes) });
    const sent = createHash("sha256");
    for (let part = 0; part < 160; part++) {
      const bytes = randomBytes(128 * 1024);
      sent.update(bytes);
      await attachment.write(bytes);
    }
    attachment.endStdin();
    await attachment.exited;
    attachment.close();
    expect(received.digest("hex")).toBe(sent.digest("hex"));
  });

  test("attach() keeps stdin waiting while the payload does not read it, without memory for it", async () => {
    await using run = launch(["sh", "-c", "sleep 1; wc -c"], {
      what: pipes,
      primary: true,
      arguments: ["--stdin-once"],
    });
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    await attachment.write(new Uint8Array(10_000_000));
    attachment.endStdin();
    await attachment.exited;
    expect(text.stdout).toBe("10000000\n");
    attachment.close();
  });

  test("attach() does not mind a payload that closes its stdin", async () => {
    await using run = launch(["sh", "-c", "exec <&-; sleep 0.5; echo done"], { what: pipes, primary: true });
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    await attachment.write(new Uint8Array(1_000_000));
    await attachment.exited;
    expect(text.stdout).toBe("done\n");
    attachment.close();
  });

  test("attach() end of stdin needs --stdin-once", async () => {
    await using run = launch(["sh", "-c", "timeout 0.5 cat; echo $?"], { what: pipes, primary: true });
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    attachment.endStdin();
    await attachment.exited;
    expect(text.stdout).toBe("124\n");
    attachment.close();
  });

  test.each([
    { how: "says end of stdin", act: (attachment: Attachment) => attachment.endStdin() },
    { how: "closes its sending half", act: (_: Attachment, run: Launched) => void run.client.end() },
    { how: "vanishes", act: (attachment: Attachment) => attachment.close() },
  ])("keeper with --stdin-once ends stdin when the primary client $how", async ({ act }) => {
    await using run = launch(["wc", "-c"], { what: pipes, primary: true, arguments: ["--stdin-once"] });
    (run.client as Socket).allowHalfOpen = true;
    const attachment = attach(run.client);
    await attachment.write(Buffer.alloc(100_000));
    act(attachment, run);
    await attachment.exited.catch(() => {});
    attachment.close();
    expect(texts(await run.log())).toEqual(["stdout F 100000"]);
  });

  test("keeper delivers the stdin of a client that vanished before the payload read it", async () => {
    await using run = launch(["sh", "-c", "sleep 0.5; wc -c"], {
      what: pipes,
      primary: true,
      arguments: ["--stdin-once"],
    });
    const attachment = attach(run.client);
    await attachment.write(Buffer.alloc(200_000));
    attachment.close();
    expect(texts(await run.log())).toEqual(["stdout F 200000"]);
  });

  test("keeper sends the rest of the output to a client that closed its sending half", async () => {
    await using run = launch(["sh", "-c", "cat; sleep 0.2; echo after"], {
      what: pipes,
      primary: true,
      arguments: ["--stdin-once"],
    });
    (run.client as Socket).allowHalfOpen = true;
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    await attachment.write(Buffer.from("in\n"));
    run.client.end();
    expect((await attachment.exited).code).toBe(0);
    expect(text.stdout).toBe("in\nafter\n");
  });

  test("attach().resize() sets the terminal's size; a terminal's output is one stream", async () => {
    const script = "stty size; read line; stty size; echo error >&2; exit 3";
    await using run = launch(["sh", "-c", script], { what: ["pty"], primary: true });
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    await until(() => text.stdout.includes("0 0"), "first size");
    attachment.resize({ rows: 300, columns: 65535 });
    await attachment.write(Buffer.from("\n"));
    expect(await attachment.exited).toMatchObject({ code: 3 });
    expect(text).toEqual({ stdout: "0 0\r\n\r\n300 65535\r\nerror\r\n", stderr: "" });
    attachment.close();
    expect(texts(await run.log())).toContain("stdout F error\r");
  });

  test("attach() of a terminal passes control characters: ^C ends the payload", async () => {
    await using run = launch(["sh", "-c", "echo up; exec sleep 100"], { what: ["pty"], primary: true });
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    await until(() => text.stdout.includes("up"), "start");
    await attachment.write(Buffer.of(3));
    expect(await attachment.exited).toMatchObject({ code: 130, signal: 2 });
    attachment.close();
  });

  test("connectAttach() gives a client what it wants and nothing else", async () => {
    await using run = launch(["sh", "-c", "read go; echo out; echo err >&2"], { what: pipes });
    await run.ready;
    const [both, out, err, none] = [collector(), collector(), collector(), collector()];
    const owner = await connectAttach(run.socketPath, { stdout: true, stderr: true, stdin: true }, both);
    const others = [
      await connectAttach(run.socketPath, { stdout: true }, out),
      await connectAttach(run.socketPath, { stderr: true }, err),
      await connectAttach(run.socketPath, {}, none),
    ];
    await owner.write(Buffer.from("go\n"));
    const records = await Promise.all([owner, ...others].map((attachment) => attachment.exited));
    expect(records.map((record) => record.code)).toEqual([0, 0, 0, 0]);
    expect(both.text).toEqual({ stdout: "out\n", stderr: "err\n" });
    expect(out.text).toEqual({ stdout: "out\n", stderr: "" });
    expect(err.text).toEqual({ stdout: "", stderr: "err\n" });
    expect(none.text).toEqual({ stdout: "", stderr: "" });
    await run.ended;
  });

  test("connectAttach() serves 64 clients at once and turns the next away", async () => {
    await using run = launch(["sh", "-c", "read go; seq 1 20000"], { what: pipes });
    await run.ready;
    const collectors = Array.from({ length: 64 }, collector);
    const clients = await Promise.all(
      collectors.map((one) => connectAttach(run.socketPath, { stdout: true, stdin: true }, one)),
    );
    await expect(connectAttach(run.socketPath, {})).rejects.toMatchObject({ kind: "unavailable" });
    clients[7]?.close();
    await until(
      () =>
        connectAttach(run.socketPath, {}).then(
          (one) => one.close() === undefined,
          () => false,
        ),
      "a free place",
    );
    await clients[0]?.write(Buffer.from("\n"));
    const expected = Array.from({ length: 20000 }, (_, index) => `${index + 1}\n`).join("");
    for (const [index, client] of clients.entries()) {
      if (index === 7) continue;
      expect((await client.exited).code).toBe(0);
      expect(collectors[index]?.text.stdout === expected).toBe(true);
    }
  });

  test("connectAttach() finds a socket whose path is longer than an address", async () => {
    await using run = launch(["sleep", "1"], { what: pipes });
    await run.ready;
    const long = join(run.directory, "d".repeat(120));
    await mkdir(long);
    const { symlink } = await import("node:fs/promises");
    await symlink(run.socketPath, join(long, "attach.sock"));
    const attachment = await connectAttach(join(long, "attach.sock"), {});
    attachment.close();
  });

  test("connectAttach() says not-found where nothing listens", async () => {
    await using run = launch(["true"]);
    await run.ended;
    await expect(connectAttach(run.socketPath, {})).rejects.toMatchObject({ kind: "not-found" });
    await expect(connectAttach(join(run.directory, "none"), {})).rejects.toMatchObject({ kind: "not-found" });
  });

  test("keeper makes the container wait for a slow client, and loses nothing", async () => {
    await using run = launch(["sh", "-c", "seq 1 400000"], { primary: true });
    let received = "";
    let slow = 5;
    const attachment = attach(run.client, {
      onOutput: (_, bytes) => {
        received += Buffer.from(bytes);
        return slow-- > 0 ? new Promise((resolve) => setTimeout(resolve, 200)) : undefined;
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(existsSync(join(run.directory, "exit"))).toBe(false);
    expect((await attachment.exited).code).toBe(0);
    attachment.close();
    expect(received.length).toBe(2_688_895);
    expect(received.endsWith("\n399999\n400000\n")).toBe(true);
    expect((await run.log()).filter((line) => !line.partial).length).toBe(400_000);
  });

  test("keeper records the exit at once though the primary client is not reading, and that client still gets everything", async () => {
    await using run = launch(["sh", "-c", "seq 1 40000"], { primary: true });
    run.client.pause();
    expect(await Promise.race([run.ready.then(() => "ready"), run.ended])).toBe("ready");
    await until(() => existsSync(join(run.directory, "exit")), "exit record");
    await new Promise((resolve) => setTimeout(resolve, 7000));
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    expect((await attachment.exited).code).toBe(0);
    expect(text.stdout.length).toBe(228_894);
    await attachment.acknowledge();
    expect(await run.ended).toEqual({ code: 0, signal: null });
  }, 15_000);

  test("keeper gives a primary client that has everything five seconds to acknowledge, then goes on without it", async () => {
    await using run = launch(["true"], { primary: true, arguments: ["--then", "/bin/touch", "{}/then"] });
    const attachment = attach(run.client);
    await attachment.exited;
    const startMs = performance.now();
    await run.ended;
    expect(performance.now() - startMs).toBeGreaterThan(4500);
    expect(performance.now() - startMs).toBeLessThan(7000);
    expect(existsSync(join(run.directory, "then"))).toBe(true);
    attachment.close();
  }, 15_000);

  test("keeper goes on when a slow client is killed", async () => {
    await using run = launch(["sh", "-c", "seq 1 400000; exit 6"]);
    await run.ready;
    const socket = await rawConnect(run.socketPath);
    socket.pause();
    socket.write(encodeFrame(frameTypes.hello, Uint8Array.of(3)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.destroy();
    expect(await run.exit()).toMatchObject({ code: 6 });
    expect((await run.log()).filter((line) => !line.partial).length).toBe(400_000);
  });

  test("keeper gives a client that stopped reading five seconds after the end, not more", async () => {
    await using run = launch(["sh", "-c", "sleep 0.3; seq 1 40000"]);
    await run.ready;
    const socket = await rawConnect(run.socketPath);
    socket.pause();
    socket.write(encodeFrame(frameTypes.hello, Uint8Array.of(3)));
    const startMs = performance.now();
    await run.ended;
    expect(performance.now() - startMs).toBeGreaterThan(4500);
    expect(performance.now() - startMs).toBeLessThan(9000);
    socket.destroy();
  }, 15_000);

  test.each([
    ["an unknown type", Buffer.from("0700000000000000", "hex")],
    ["type 0", Buffer.alloc(8)],
    ["a frame only the keeper sends", Buffer.from("0100000001000000ff", "hex")],
    ["bytes that must be zero", Buffer.from("100100000100000003", "hex")],
    ["a length of 4 GiB", Buffer.from("11000000ffffffff", "hex")],
    ["one byte more than a frame may have", Buffer.from("1100000001000100", "hex")],
    ["a hello without payload", Buffer.from("1000000000000000", "hex")],
    ["a resize of three bytes", Buffer.from("1300000003000000010203", "hex")],
    ["stdin it does not own", Buffer.from("110000000100000061", "hex")],
    ["noise", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ])("keeper drops a client that sends %s, and nobody else", async (_, bytes) => {
    await using run = launch(["sh", "-c", "read line; echo got $line"], { what: pipes });
    await run.ready;
    const { text, onOutput } = collector();
    const good = await connectAttach(run.socketPath, { stdout: true, stdin: true }, { onOutput });
    const bad = await rawConnect(run.socketPath);
    bad.resume();
    bad.write(bytes);
    await new Promise((resolve) => bad.once("close", resolve)); // maybe after ECONNRESET
    await good.write(Buffer.from("it\n"));
    expect((await good.exited).code).toBe(0);
    expect(text.stdout).toBe("got it\n");
  });

  test("keeper takes frames byte by byte", async () => {
    await using run = launch(["cat"], { what: pipes, primary: true, arguments: ["--stdin-once"] });
    const { text, onOutput } = collector();
    const attachment = attach(run.client, { onOutput });
    const frames = Buffer.concat([
      encodeFrame(frameTypes.stdin, Buffer.from("abc")),
      encodeFrame(frameTypes.stdin),
      encodeFrame(frameTypes.resize, Buffer.alloc(4)),
      encodeFrame(frameTypes.stdinEnd),
    ]);
    for (const byte of frames) {
      run.client.write(Uint8Array.of(byte));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await attachment.exited;
    expect(text.stdout).toBe("abc");
    attachment.close();
  });

  test("keeper ignores an acknowledgement that comes before the end or from another client", async () => {
    await using run = launch(["sleep", "0.3"], { primary: true, arguments: ["--then", "/bin/touch", "{}/then"] });
    await run.ready;
    run.client.write(encodeFrame(frameTypes.acknowledge));
    const other = await connectAttach(run.socketPath, {});
    await other.exited;
    await other.acknowledge();
    other.close();
    run.client.destroy();
    await run.ended;
    expect(existsSync(join(run.directory, "then"))).toBe(true);
  });

  test("attach() rejects when the keeper is killed, and the payload notices its broken pipe", async () => {
    await using run = launch(["sh", "-c", "while echo x; do sleep 0.05; done"], { primary: true });
    await run.ready;
    const attachment = attach(run.client);
    const { child } = await run.pid();
    run.process.kill("SIGKILL");
    await expect(attachment.exited).rejects.toMatchObject({ kind: "unavailable", code: "keeper.gone" });
    await until(() => !existsSync(`/proc/${child}`), "the payload's end");
    expect(existsSync(join(run.directory, "exit"))).toBe(false);
  });

  test("keeper records the payload's death by SIGKILL from outside", async () => {
    await using run = launch(["sleep", "1000"], { primary: true });
    await run.ready;
    process.kill((await run.pid()).child, "SIGKILL");
    expect(await attach(run.client).exited).toMatchObject({ code: 137, signal: 9 });
    run.client.destroy();
  });
});

const rootReason = reason !== "" ? reason : process.getuid?.() === 0 ? "" : "needs root for a small file system";

describe.skipIf(rootReason !== "")(`keeper on a full disk ${rootReason}`, () => {
  test("keeper lets the container go on, counts what the log lost, and still records the exit", async () => {
    await using run = launch(["true"]); // for its directory
    await run.ended;
    const disk = join(run.directory, "disk");
    await mkdir(disk);
    const launchLine = `exec ${launchPath} "$KEEPER" stdin stdout log ${disk}/log run ${disk} keep ${disk} -- --client 3 --ready 4 --stdin-once --`;
    const payload = `sh -c 'seq 1 100000; echo all written; read go; echo after; exit 8'`;
    const script = `mount -t tmpfs -o size=256k tmpfs ${disk} && ${launchLine} ${payload}`;
    const { keeperPath } = await import("./keeper-path.ts");
    const child = spawn("unshare", ["-m", "sh", "-c", script], {
      stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"],
      env: { ...process.env, KEEPER: keeperPath() },
    });
    const { text, onOutput } = collector();
    const attachment = attach(child.stdio[3] as Socket, { onOutput });
    await until(() => text.stdout.endsWith("all written\n"), "output goes on");
    const view = `/proc/${child.pid}/root${disk}`;
    const torn = await readFile(`${view}/log`, "utf8");
    expect(torn.endsWith("\n")).toBe(true); // cut back to whole lines
    await rm(`${view}/run-away`, { force: true });
    await attachment.write(Buffer.from("go\n"));
    const record = await attachment.exited;
    expect(record.code).toBe(8);
    expect(record.logLostBytes).toBeGreaterThan(4_000_000);
    expect(JSON.parse(await readFile(`${view}/exit`, "utf8"))).toEqual(record);
    await attachment.acknowledge();
    await once(child, "exit");
  });
});
