import { expect, test } from "vitest";
import { startMeter } from "./meter.ts";

test("startMeter() measures what moved in the last seconds, not before", () => {
  let nowMs = 1000;
  const meter = startMeter(500, () => nowMs);
  expect(meter.bytesPerSecond()).toBe(undefined);
  const move = (bytesPerSecond: number, forMs: number, from: number): number => {
    for (let passedMs = 100; passedMs <= forMs; passedMs += 100) {
      nowMs += 100;
      meter.note(from + (bytesPerSecond * passedMs) / 1000);
    }
    return from + (bytesPerSecond * forMs) / 1000;
  };
  const first = move(1000, 10_000, 500);
  expect(meter.bytesPerSecond()).toBeCloseTo(1000);
  const second = move(10_000, 10_000, first);
  expect(meter.bytesPerSecond()).toBeCloseTo(10_000);
  nowMs += 20_000;
  meter.note(second);
  expect(meter.bytesPerSecond()).toBe(0);
});
