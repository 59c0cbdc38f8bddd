import { setTimeout as sleep } from "node:timers/promises";
import { galleyError } from "@galley/spec";
import { maxRetryAfterMs } from "./limits.ts";
import type { RetryPolicy } from "./options.ts";
import { isTransient } from "./registry-error.ts";

interface RetryOptions {
  readonly policy: RetryPolicy;
  readonly signal?: AbortSignal | undefined;
}

/** Does something again while its error is transient and attempts are left; waits longer each time. */
export async function withRetries<T>(work: () => Promise<T>, { policy, signal }: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const delayMs = attempt < policy.attempts ? retryDelayMs(error, attempt, policy) : undefined;
      if (delayMs === undefined) throw error;
      await pause(delayMs, signal);
    }
  }
}

/** How long to wait after the n-th failure; undefined when another attempt is useless. */
export function retryDelayMs(error: unknown, failures: number, policy: RetryPolicy): number | undefined {
  if (!isTransient(error)) return undefined;
  const { maxFailures } = error.details;
  if (typeof maxFailures === "number" && failures > maxFailures) return undefined;
  const asked = error.details["retryAfterMs"];
  if (typeof asked === "number") return asked <= maxRetryAfterMs ? asked : undefined;
  const fullMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (failures - 1));
  // Between half and all of it, so that many clients do not come back at once.
  return fullMs * (0.5 + Math.random() / 2);
}

/** Waits. Throws `cancelled` as soon as the signal says so. */
export async function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, signal ? { signal } : {});
  } catch (cause) {
    throw galleyError("cancelled", "cancelled", "wait for the registry: cancelled", { cause });
  }
}

/** A Retry-After header (RFC 9110, section 10.2.3), seconds or a date, as a time to wait. */
export function parseRetryAfter(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
