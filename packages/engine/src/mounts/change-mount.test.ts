import { describe, expect, test } from "vitest";
import { bootId, processStart } from "../host.ts";
import { scratchEngine } from "../testing/scratch-engine.ts";
import { changeMount } from "./change-mount.ts";
import { isMounted, mountedIds, mountPoint, mountRecords } from "./mount-record.ts";

const id = "a".repeat(64);
const up = { kind: "image", id, uses: (now: number) => now + 1 } as const;
const parent = { pid: process.ppid, startTicks: processStart(process.ppid) ?? 0 };

describe("changeMount()", () => {
  test("mounts with the first use and forgets it when that fails", async () => {
    const engine = await scratchEngine();
    const acts: string[] = [];
    const act = async (what: string): Promise<void> => void acts.push(what);
    expect(await changeMount(engine, { ...up, act })).toEqual({ before: 0, after: 1 });
    expect(acts).toEqual(["mount"]);
    expect(mountRecords(engine).get(id)?.value).toEqual({ kind: "image", boot: bootId(), uses: 1 });
    const failing = { ...up, id: "b".repeat(64), act: () => Promise.reject(new Error("no room")) };
    await expect(changeMount(engine, failing)).rejects.toThrow("no room");
    expect(mountRecords(engine).get(failing.id)).toBeUndefined();
  });

  test("takes no record's word for what is not mounted", async () => {
    const engine = await scratchEngine();
    mountRecords(engine).put(id, { kind: "image", boot: bootId(), uses: 5 });
    expect([isMounted(engine, id), mountedIds(engine, "image")]).toEqual([false, []]);
    const down = { ...up, uses: (now: number) => Math.max(0, now - 1), act: () => Promise.reject(new Error("never")) };
    expect(await changeMount(engine, down)).toEqual({ before: 0, after: 0 });
    expect(mountRecords(engine).get(id)).toBeUndefined();
  });

  test("waits for another process that is at it, and not for one that is gone", async () => {
    const engine = await scratchEngine();
    const records = mountRecords(engine);
    records.put(id, { kind: "image", boot: bootId(), uses: 1, busy: parent });
    let done = false;
    const act = async (): Promise<void> => {
      done = true;
    };
    const changing = changeMount(engine, { ...up, act });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(done).toBe(false);
    records.put(id, { kind: "image", boot: bootId(), uses: 1, busy: { ...parent, startTicks: 1 } });
    await changing;
    expect(done).toBe(true);
  });
});

test("mountPoint() lies beneath the run root", async () => {
  const engine = await scratchEngine();
  expect(mountPoint(engine, id)).toBe(`${engine.places.runroot}/mounts/${id}`);
});
