/** How fast bytes move, seen over the last seconds. */
export interface Meter {
  /** So many bytes have moved in all. */
  note(bytes: number): void;
  /** Undefined until there is something to judge by. */
  bytesPerSecond(): number | undefined;
}

const windowMs = 4000;
const sampleMs = 200;

/** Starts a meter at so many bytes; the clock must not jump. */
export function startMeter(bytes: number, nowMs: () => number): Meter {
  const samples = [{ atMs: nowMs(), bytes }];
  let latest = bytes;
  return {
    note(moved) {
      latest = moved;
      const atMs = nowMs();
      if (atMs - (samples.at(-1)?.atMs ?? 0) >= sampleMs) samples.push({ atMs, bytes: moved });
    },
    bytesPerSecond() {
      const atMs = nowMs();
      while (samples.length > 1 && atMs - (samples[1]?.atMs ?? atMs) >= windowMs) samples.shift();
      const [first = { atMs, bytes: latest }] = samples;
      const passedMs = atMs - first.atMs;
      return passedMs < sampleMs ? undefined : ((latest - first.bytes) * 1000) / passedMs;
    },
  };
}
