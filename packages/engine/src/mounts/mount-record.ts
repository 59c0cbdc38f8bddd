import { existsSync, readFileSync } from "node:fs";
import type { Collection } from "@galley/storage";
import type { Engine } from "../engine.ts";
import { bootId, isAlive, ownIdentity, type ProcessIdentity } from "../host.ts";

/** A root that somebody wanted to have mounted on the host. */
export interface MountRecord {
  readonly kind: "image" | "container";
  /** How many times it was asked for more often than given up. */
  readonly uses: number;
  /** Of the boot in which that was; another boot ended it. */
  readonly boot: string;
  /** Who is mounting or unmounting it right now. */
  readonly busy?: ProcessIdentity;
}

/** By the id of the image or container. */
export function mountRecords(engine: Engine): Collection<MountRecord> {
  return engine.storage.records.collection<MountRecord>("mounts");
}

/** Where a root is mounted when it is: a host path. */
export function mountPoint({ places }: Engine, id: string): string {
  return `${places.runroot}/mounts/${id}`;
}

/** Is something mounted there? The kernel knows (proc_pid_mountinfo(5)), whatever records say. */
export function isMounted(engine: Engine, id: string): boolean {
  const wanted = mountPoint(engine, id);
  if (!existsSync(wanted)) return false; // nearly always, and much cheaper to know
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.some((line) => unescaped(line.split(" ", 5)[4] ?? "") === wanted);
}

/** The ids of all images or containers that are mounted. */
export function mountedIds(engine: Engine, kind: MountRecord["kind"]): string[] {
  const records = mountRecords(engine).list();
  return records.filter(({ key, value }) => value.kind === kind && isMounted(engine, key)).map(({ key }) => key);
}

/** How often it is in use: 0 for a record that another boot has left. */
export function usesOf(engine: Engine, id: string, record: MountRecord | undefined): number {
  return record?.boot === bootId() && isMounted(engine, id) ? record.uses : 0;
}

/** Is another process at it? */
export function isBusy({ busy }: MountRecord): boolean {
  const own = ownIdentity();
  return busy !== undefined && isAlive(busy) && !(busy.pid === own.pid && busy.startTicks === own.startTicks);
}

/** Blanks and the like are octal there. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
