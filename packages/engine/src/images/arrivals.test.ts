import type { Descriptor } from "@galley/spec";
import { digestOf } from "@galley/spec";
import { describe, expect, test } from "vitest";
import { watchArrivals } from "./arrivals.ts";

const blob = (text: string): Descriptor => ({
  mediaType: "text/plain",
  digest: digestOf(Buffer.from(text)),
  size: text.length,
});
const [one, two] = [blob("one"), blob("two")];

describe("watchArrivals()", () => {
  test("watchArrivals() tells of each blob by itself, whether it came or was there", async () => {
    const arrivals = watchArrivals([one, two]);
    let second = false;
    const waiting = arrivals.of(two).then(() => {
      second = true;
    });
    arrivals.note({ descriptor: one, state: "transferring", bytes: 1 });
    arrivals.note({ descriptor: one, state: "exists", bytes: 3 });
    await arrivals.of(one);
    expect(second).toBe(false);
    arrivals.note({ descriptor: two, state: "done", bytes: 3 });
    await waiting;
  });

  test("watchArrivals() does not wait for what it does not watch", async () => {
    await watchArrivals([]).of(one);
  });

  test("watchArrivals() passes a failure to those who still wait, and to nobody else", async () => {
    const arrivals = watchArrivals([one, two]);
    arrivals.note({ descriptor: one, state: "done", bytes: 3 });
    arrivals.fail(new Error("connection lost"));
    await arrivals.of(one);
    await expect(arrivals.of(two)).rejects.toThrow("connection lost");
  });
});
