import { setTimeout as sleep } from "node:timers/promises";

/** Asks again and again until the answer is no longer undefined, false or a thrown error; fails after some seconds. */
export async function until<Value>(
  what: string,
  ask: () => Value | Promise<Value>,
  timeoutMs = 8000,
): Promise<Exclude<Value, false | undefined>> {
  const end = performance.now() + timeoutMs;
  for (let last: unknown; ; await sleep(25)) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer as Exclude<Value, false | undefined>;
      last = answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: last });
  }
}
