import type { TransferProgress } from "@galley/engine";
import { type Meter, startMeter } from "./meter.ts";
import { wasThere } from "./transfer-display.ts";

/** One part of an image as it is shown. */
export interface TrackedPart {
  readonly progress: TransferProgress;
  /** Nothing will happen to it any more. */
  readonly ended: boolean;
  readonly bytesPerSecond: number | undefined;
}

/** All parts together. */
export interface Totals {
  /** Bytes that moved; what was at the target does not count. */
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number | undefined;
}

/** What was heard of a transfer so far. */
export interface Transfers {
  note(progress: TransferProgress): void;
  /** In the order in which they were heard of first. */
  parts(): readonly TrackedPart[];
  totals(): Totals;
}

const moving: readonly TransferProgress["state"][] = ["downloading", "compressing", "uploading"];

/** Are bytes of it on their way? */
export function isMoving({ state }: Pick<TransferProgress, "state">): boolean {
  return moving.includes(state);
}

/** Gathers progress; `nowMs` is a clock that does not jump. */
export function trackTransfers(nowMs: () => number): Transfers {
  const known = new Map<string, { progress: TransferProgress; meter: Meter; skipped: boolean }>();
  let meter: Meter | undefined;
  const totals = () => {
    const moved = [...known.values()].filter(({ skipped }) => !skipped).map(({ progress }) => progress);
    return {
      doneBytes: sum(moved.map((each) => (isMoving(each) ? each.doneBytes : each.totalBytes))),
      totalBytes: sum(moved.map(({ totalBytes }) => totalBytes)),
    };
  };
  return {
    note(progress) {
      if (progress.kind === "manifest") return;
      const before = known.get(progress.digest);
      const part = before ?? { progress, meter: startMeter(progress.doneBytes, nowMs), skipped: wasThere(progress) };
      if (!(progress.state === "done" && wasThere(part.progress))) part.progress = progress;
      if (isMoving(progress)) part.meter.note(progress.doneBytes);
      known.set(progress.digest, part);
      meter ??= startMeter(0, nowMs);
      meter.note(totals().doneBytes);
    },
    parts: () =>
      [...known.values()].map(({ progress, meter: own }) => ({
        progress,
        ended: hasEnded(progress),
        bytesPerSecond: isMoving(progress) ? own.bytesPerSecond() : undefined,
      })),
    totals: () => ({ ...totals(), bytesPerSecond: meter?.bytesPerSecond() }),
  };
}

/** A layer that was in the store may still have to be unpacked; that is rare, and then it is told of once more. */
function hasEnded({ kind, state }: TransferProgress): boolean {
  if (state === "downloaded") return kind === "config";
  return (
    state === "done" || state === "compressed" || state === "uploaded" || state === "exists" || state === "mounted"
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
