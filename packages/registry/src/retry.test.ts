import { galleyError } from "@galley/spec";
import { expect, test } from "vitest";
import { parseRetryAfter, pause, retryDelayMs, withRetries } from "./retry.ts";

const policy = { attempts: 3, baseDelayMs: 1, maxDelayMs: 4 };
const transient = (details = {}) => galleyError("unavailable", "x", "x", { details: { transient: true, ...details } });

test("parseRetryAfter() reads seconds and dates", () => {
  const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
  expect(parseRetryAfter(undefined)).toBeUndefined();
  expect(parseRetryAfter("2")).toBe(2000);
  expect(parseRetryAfter("Wed, 21 Oct 2026 07:28:05 GMT", now)).toBe(5000);
  expect(parseRetryAfter("Wed, 21 Oct 2026 07:27:00 GMT", now)).toBe(0);
  expect(parseRetryAfter("soon")).toBeUndefined();
});

test("retryDelayMs() doubles up to the limit, and does as the registry asks if that is not long", () => {
  const delays = [1, 2, 3, 4, 50].map((failures) => retryDelayMs(transient(), failures, policy) ?? -1);
  for (const [place, fullMs] of [1, 2, 4, 4, 4].entries()) {
    expect(delays[place]).toBeGreaterThanOrEqual(fullMs / 2);
    expect(delays[place]).toBeLessThanOrEqual(fullMs);
  }
  expect(retryDelayMs(transient({ retryAfterMs: 3000 }), 1, policy)).toBe(3000);
  expect(retryDelayMs(transient({ retryAfterMs: 3_600_000 }), 1, policy)).toBeUndefined();
  expect(retryDelayMs(galleyError("not-found", "x", "x"), 1, policy)).toBeUndefined();
  expect(retryDelayMs(new Error("x"), 1, policy)).toBeUndefined();
});

test("withRetries() tries as often as it may and then gives the last error", async () => {
  let tries = 0;
  const failing = withRetries(() => Promise.reject(transient({ tries: ++tries })), { policy });
  await expect(failing).rejects.toMatchObject({ details: { tries: 3 } });
  expect(await withRetries(async () => 1, { policy })).toBe(1);
});

test("pause() ends at once when it is cancelled", async () => {
  const controller = new AbortController();
  const pausing = pause(60_000, controller.signal);
  controller.abort();
  await expect(pausing).rejects.toMatchObject({ kind: "cancelled" });
});
