import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { attach } from "./attach.ts";
import { encodeFrame, frameTypes } from "./frames.ts";

const record = {
  version: 1,
  pid: 5,
  code: 3,
  signal: 0,
  coreDumped: false,
  startedAt: "2026-01-02T03:04:05.000000006+00:00",
  finishedAt: "2026-01-02T03:04:06.000000006+00:00",
  durationNs: 1e9,
  logLostBytes: 0,
  files: {},
};
const exitFrame = encodeFrame(frameTypes.exited, Buffer.from(`${JSON.stringify(record)}\n`));

/** A stream that keeps what is written; `push` plays the keeper. */
function pair() {
  const written: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk, _, done) {
      written.push(chunk);
      done();
    },
  });
  return { stream, sent: () => Buffer.concat(written).toString("hex") };
}

test("attach() hands over output in order and then the record", async () => {
  const { stream } = pair();
  const output: string[] = [];
  const attachment = attach(stream, { onOutput: (name, bytes) => void output.push(`${name} ${Buffer.from(bytes)}`) });
  const frames = [encodeFrame(frameTypes.stdout, Buffer.from("a")), encodeFrame(frameTypes.stderr, Buffer.from("b"))];
  stream.push(Buffer.concat([...frames, exitFrame]));
  expect(await attachment.exited).toEqual(record);
  expect(output).toEqual(["stdout a", "stderr b"]);
});

test("attach() takes an exit record that comes in two chunks", async () => {
  const { stream } = pair();
  const attachment = attach(stream);
  stream.push(exitFrame.subarray(0, 40));
  stream.push(exitFrame.subarray(40));
  expect((await attachment.exited).code).toBe(3);
});

test("attach() reads nothing more while onOutput is busy", async () => {
  const { stream } = pair();
  const busy = Promise.withResolvers<void>();
  const output: string[] = [];
  const attachment = attach(stream, {
    onOutput: (_, bytes) => {
      output.push(Buffer.from(bytes).toString());
      return output.length === 1 ? busy.promise : undefined;
    },
  });
  const frame = (text: string) => encodeFrame(frameTypes.stdout, Buffer.from(text));
  stream.push(Buffer.concat([frame("1"), frame("2")]));
  stream.push(Buffer.concat([frame("3"), exitFrame]));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(output).toEqual(["1"]);
  busy.resolve();
  await attachment.exited;
  expect(output).toEqual(["1", "2", "3"]);
});

test("attach() passes an error of onOutput on as the reason", async () => {
  const { stream } = pair();
  const attachment = attach(stream, {
    onOutput: () => {
      throw new Error("no more paper");
    },
  });
  stream.push(encodeFrame(frameTypes.stdout, Buffer.from("x")));
  await expect(attachment.exited).rejects.toThrow("no more paper");
  expect(stream.destroyed).toBe(true);
});

test("attach() rejects as unavailable when the stream ends without a record", async () => {
  const { stream } = pair();
  const attachment = attach(stream);
  stream.destroy();
  await expect(attachment.exited).rejects.toMatchObject({ kind: "unavailable", code: "keeper.gone" });
});

test("attach() rejects as corrupt for noise and for a bad record", async () => {
  for (const noise of [Buffer.from("HTTP/1.1 400"), encodeFrame(frameTypes.exited, Buffer.from("{}"))]) {
    const { stream } = pair();
    const attachment = attach(stream);
    stream.push(noise);
    await expect(attachment.exited).rejects.toMatchObject({ kind: "corrupt" });
  }
});

test("attach() rejects as cancelled after close() and after an abort, before or later", async () => {
  const closed = attach(pair().stream);
  closed.close();
  closed.close();
  await expect(closed.exited).rejects.toMatchObject({ kind: "cancelled" });
  const early = attach(pair().stream, { signal: AbortSignal.abort() });
  await expect(early.exited).rejects.toMatchObject({ kind: "cancelled" });
  const controller = new AbortController();
  const late = attach(pair().stream, { signal: controller.signal });
  const greeting = late.hello({ stdout: true });
  controller.abort();
  await expect(late.exited).rejects.toMatchObject({ kind: "cancelled" });
  await expect(greeting).rejects.toMatchObject({ kind: "cancelled" });
});

test("attach() sends the frames of the protocol", async () => {
  const { stream, sent } = pair();
  const attachment = attach(stream);
  const greeting = attachment.hello({ stdout: true, stdin: true });
  stream.push(encodeFrame(frameTypes.attached));
  await greeting;
  await attachment.write(Buffer.from("hi"));
  attachment.resize({ rows: 24, columns: 0x1234 });
  attachment.endStdin();
  await attachment.acknowledge();
  const frames = [
    "100000000100000005",
    "11000000020000006869",
    "130000000400000018003412",
    "1200000000000000",
    "1400000000000000",
  ];
  expect(sent()).toBe(frames.join(""));
});

test("attach().write() cuts at 64 KiB", async () => {
  const { stream, sent } = pair();
  await attach(stream).write(new Uint8Array(65537));
  expect(sent().length / 2).toBe(65537 + 16);
  expect(sent().slice(0, 16)).toBe("1100000000000100");
});

test("attach().write() rejects when the keeper is gone", async () => {
  const { stream } = pair();
  const attachment = attach(stream);
  stream.destroy();
  await expect(attachment.write(Buffer.from("x"))).rejects.toMatchObject({ kind: "unavailable" });
});
