import { appendFile, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ReadLogOptions, readLog } from "./read-log.ts";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "read-log-"));
  path = join(directory, "log");
});
afterEach(() => rm(directory, { recursive: true }));

const entry = (text: string, flag = "F", stream = "stdout", second = 0): string =>
  `2026-01-02T03:04:${String(second).padStart(2, "0")}.000000001+00:00 ${stream} ${flag} ${text}\n`;

async function read(options: ReadLogOptions = {}): Promise<{ texts: string[]; broken: number }> {
  const reader = readLog(path, options);
  const texts: string[] = [];
  for await (const line of reader) texts.push(Buffer.from(line.bytes).toString() + (line.partial ? "…" : ""));
  return { texts, broken: reader.brokenLines };
}

test("readLog() reads all lines", async () => {
  await writeFile(path, entry("a") + entry("b", "P") + entry("") + entry("c", "F", "stderr"));
  expect(await read()).toEqual({ texts: ["a", "b…", "", "c"], broken: 0 });
});

test("readLog() reads an empty log, and says not-found without one", async () => {
  await writeFile(path, "");
  expect(await read()).toEqual({ texts: [], broken: 0 });
  path = join(directory, "none");
  await expect(read()).rejects.toMatchObject({ kind: "not-found" });
});

test("readLog() skips and counts broken lines, NULs and a torn end", async () => {
  await writeFile(path, `${entry("a")}\0\0\0\0\n\nnonsense\n${entry("b")}${entry("torn").slice(0, -1)}`);
  expect(await read()).toEqual({ texts: ["a", "b"], broken: 4 });
});

test("readLog() skips a line of a million bytes as one", async () => {
  await writeFile(path, entry("a") + "x".repeat(1_000_000) + "\n" + entry("b"));
  expect(await read()).toEqual({ texts: ["a", "b"], broken: 1 });
  await writeFile(path, entry("a") + "\0".repeat(1_000_000));
  expect(await read()).toEqual({ texts: ["a"], broken: 1 });
});

test("readLog() reads lines longer than its block", async () => {
  await writeFile(path, entry("a") + entry("y".repeat(200_000)) + entry("b"));
  expect((await read()).texts.map((text) => text.length)).toEqual([1, 200_000, 1]);
});

test("readLog() reads 100000 lines and the right tail of them", async () => {
  const all = Array.from({ length: 100_000 }, (_, index) => `line ${index}`);
  await writeFile(path, all.map((text) => entry(text)).join(""));
  expect((await read()).texts).toEqual(all);
  for (const tail of [0, 1, 10, 5000, 99_999, 100_000, 200_000]) {
    expect((await read({ tail })).texts, `tail ${tail}`).toEqual(tail === 0 ? [] : all.slice(-tail));
  }
});

test("readLog() counts the pieces of a line as one for tail", async () => {
  await writeFile(
    path,
    entry("a") + entry("b1", "P") + entry("b2", "P") + entry("b3") + entry("c") + entry("prompt", "P"),
  );
  expect((await read({ tail: 1 })).texts).toEqual(["prompt…"]);
  expect((await read({ tail: 3 })).texts).toEqual(["b1…", "b2…", "b3", "c", "prompt…"]);
});

test("readLog() finds the tail before a torn end and behind broken lines", async () => {
  await writeFile(path, `${entry("a")}bad\n${entry("b")}bad\n${entry("c").slice(0, -3)}`);
  expect((await read({ tail: 1 })).texts).toEqual(["b"]);
  expect((await read({ tail: 2 })).texts).toEqual(["a", "b"]);
});

test("readLog() takes since inclusively and until exclusively", async () => {
  await writeFile(path, [1, 2, 3, 4].map((second) => entry(`at ${second}`, "F", "stdout", second)).join(""));
  const sinceMs = Date.parse("2026-01-02T03:04:02Z");
  expect((await read({ sinceMs, untilMs: sinceMs + 2000 })).texts).toEqual(["at 2", "at 3"]);
});

test("readLog() without follow ends where the file ended when it began", async () => {
  await writeFile(path, entry("a"));
  const texts: string[] = [];
  for await (const line of readLog(path)) {
    texts.push(Buffer.from(line.bytes).toString());
    await appendFile(path, entry("more"));
  }
  expect(texts).toEqual(["a"]);
});

test("readLog() takes a handle and leaves it open", async () => {
  await writeFile(path, entry("a"));
  const file = await open(path);
  for await (const line of readLog(file)) expect(Buffer.from(line.bytes).toString()).toBe("a");
  expect((await file.stat()).size).toBeGreaterThan(0);
  await file.close();
});

test("readLog() follows, and loses nothing written before finished() says yes", async () => {
  await writeFile(path, entry("0"));
  let finished = false;
  const write = (async () => {
    for (let number = 1; number <= 50; number++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      const text = entry(String(number));
      await appendFile(path, text.slice(0, 20));
      await appendFile(path, text.slice(20));
    }
    await appendFile(path, entry("last"));
    finished = true;
  })();
  const { texts, broken } = await read({ follow: true, finished: () => finished });
  await write;
  expect(texts).toEqual([...Array.from({ length: 51 }, (_, number) => String(number)), "last"]);
  expect(broken).toBe(0);
});

test("readLog() follows a handle too", async () => {
  await writeFile(path, entry("a"));
  const file = await open(path);
  let finished = false;
  setTimeout(async () => {
    await appendFile(path, entry("b"));
    finished = true;
  }, 50);
  const texts: string[] = [];
  for await (const line of readLog(file, { follow: true, finished: async () => finished }))
    texts.push(`${Buffer.from(line.bytes)}`);
  await file.close();
  expect(texts).toEqual(["a", "b"]);
});

test("readLog() goes on after half a line was cut off again", async () => {
  await writeFile(path, entry("a") + entry("half").slice(0, 45));
  let finished = false;
  setTimeout(async () => {
    await truncate(path, entry("a").length);
    await appendFile(path, entry("b"));
    finished = true;
  }, 50);
  expect(await read({ follow: true, finished: () => finished })).toEqual({ texts: ["a", "b"], broken: 0 });
});

test("readLog() ends with the file removed, when finished() says so", async () => {
  await writeFile(path, entry("a"));
  let finished = false;
  setTimeout(async () => {
    await rm(path);
    finished = true;
  }, 50);
  expect((await read({ follow: true, finished: () => finished })).texts).toEqual(["a"]);
});

test("readLog() stops following at an abort", async () => {
  await writeFile(path, entry("a"));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await expect(read({ follow: true, signal: controller.signal })).rejects.toMatchObject({ kind: "cancelled" });
  await expect(read({ follow: true, signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: "cancelled" });
});

test("readLog() closes its file when the reader stops early", async () => {
  await writeFile(path, entry("a") + entry("b"));
  for await (const line of readLog(path, { follow: true })) if (line.bytes.length > 0) break;
});
