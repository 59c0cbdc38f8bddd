import { setTimeout as pause } from "node:timers/promises";
import { galleyError } from "@galley/spec";
import type { Engine } from "../engine.ts";
import { bootId, ownIdentity } from "../host.ts";
import { isBusy, type MountRecord, mountRecords, usesOf } from "./mount-record.ts";

/** How long another process may take to mount or unmount the same root. */
const busyWaitMs = 10_000;
const pollMs = 10;

/** What is to be done to a mount. */
export interface MountChange {
  readonly kind: MountRecord["kind"];
  readonly id: string;
  /** The new number of uses, from the one now. */
  readonly uses: (now: number) => number;
  /** Mounts or unmounts; only called when it has to be. */
  readonly act: (what: "mount" | "unmount") => Promise<void>;
}

/**
 * Changes the number of uses of a mount, and mounts with the first one, unmounts with the last. Others that do so at the same time
 * wait; one that was killed meanwhile holds up nobody.
 *
 * @throws unavailable engine.mount-busy; what `act` throws, and then the number stays
 */
export async function changeMount(engine: Engine, change: MountChange): Promise<{ before: number; after: number }> {
  const { before, after } = await claim(engine, change);
  const what = before === 0 ? "mount" : "unmount";
  if ((before === 0) === (after === 0)) return { before, after };
  try {
    await change.act(what);
    settle(engine, change, after);
  } catch (error) {
    settle(engine, change, before);
    throw error;
  }
  return { before, after };
}

async function claim(engine: Engine, change: MountChange): Promise<{ before: number; after: number }> {
  const deadline = performance.now() + busyWaitMs;
  for (;;) {
    const claimed = engine.storage.records.transaction(() => tryClaim(engine, change));
    if (claimed) return claimed;
    if (performance.now() > deadline)
      throw galleyError("unavailable", "engine.mount-busy", `another process is mounting or unmounting ${change.id}`);
    await pause(pollMs);
  }
}

function tryClaim(engine: Engine, { kind, id, uses }: MountChange): { before: number; after: number } | undefined {
  const records = mountRecords(engine);
  const record = records.get(id)?.value;
  if (record && isBusy(record)) return undefined;
  const before = usesOf(engine, id, record);
  const after = uses(before);
  if (before === 0 && after === 0) {
    if (record) records.delete(id);
  } else if (before > 0 && after > 0) {
    records.put(id, { kind, boot: bootId(), uses: after });
  } else {
    records.put(id, { kind, boot: bootId(), uses: Math.max(before, after), busy: ownIdentity() });
  }
  return { before, after };
}

function settle(engine: Engine, { kind, id }: MountChange, uses: number): void {
  const records = mountRecords(engine);
  if (uses === 0) records.delete(id);
  else records.put(id, { kind, boot: bootId(), uses });
}
