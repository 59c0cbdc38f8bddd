import { appendFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Engine } from "../engine.ts";
import { aStart, nobody, putContainer, write, writeExit, writePid } from "../testing/keeper-records.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { containerPlaces } from "./container-places.ts";
import { type LogOptions, readContainerLogs } from "./read-container-logs.ts";

const line = (second: number, text: string): string => `2026-01-02T03:04:0${second}.000000000+00:00 stdout F ${text}\n`;

async function read(engine: Engine, options: LogOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const { bytes } of readContainerLogs(engine, "cook", options)) lines.push(Buffer.from(bytes).toString());
  return lines;
}

describe("readContainerLogs()", () => {
  test("readContainerLogs() of one that was never started has no lines", async () => {
    const engine = await scratchEngine();
    putContainer(engine);
    expect(await read(engine)).toEqual([]);
    expect(await read(engine, { follow: true })).toEqual([]);
  });

  test("readContainerLogs() takes the lines that are asked for", async () => {
    const engine = await scratchEngine();
    const { id } = putContainer(engine);
    write(containerPlaces(engine, id).keepDirectory, "ctr.log", line(1, "one") + line(2, "two") + line(3, "three"));
    expect(await read(engine)).toEqual(["one", "two", "three"]);
    expect(await read(engine, { tail: 1 })).toEqual(["three"]);
    expect(await read(engine, { sinceMs: Date.parse("2026-01-02T03:04:02Z") })).toEqual(["two", "three"]);
    expect(await read(engine, { untilMs: Date.parse("2026-01-02T03:04:02Z") })).toEqual(["one"]);
  });

  test("readContainerLogs() follows until the container has ended, to the last line", async () => {
    const engine = await scratchEngine();
    const record = putContainer(engine, { start: aStart({ starter: nobody }) });
    const { keepDirectory } = containerPlaces(engine, record.id);
    writePid(engine, record);
    write(keepDirectory, "ctr.log", line(1, "one"));
    const reading = read(engine, { follow: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    appendFileSync(`${keepDirectory}/ctr.log`, line(2, "two"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    appendFileSync(`${keepDirectory}/ctr.log`, line(3, "three"));
    writeExit(engine, record, { code: 0 });
    expect(await reading).toEqual(["one", "two", "three"]);
  });

  test("readContainerLogs() does not know what is not there", async () => {
    await expect(read(await scratchEngine())).rejects.toMatchObject({ code: "engine.container-unknown" });
  });
});
