import { isCount, parseRecord } from "./record.ts";

/** What the keeper writes at the start: who runs where. Start times are clock ticks since boot, field 22 of proc_pid_stat(5). */
export interface PidRecord {
  readonly version: 1;
  readonly keeper: number;
  readonly keeperStart: number;
  readonly child: number;
  readonly childStart: number;
  readonly stamp?: string;
}

/**
 * Reads a pid record.
 *
 * @throws GalleyError `corrupt` for anything a keeper would not write.
 * @example
 * const { child, childStart } = parsePidRecord(await readFile("/run/galley/ID/pid", "utf8"));
 */
export function parsePidRecord(text: string): PidRecord {
  return parseRecord<PidRecord>("pid", text, {
    version: (value) => value === 1,
    keeper: isCount,
    keeperStart: isCount,
    child: isCount,
    childStart: isCount,
    stamp: (value) => value === undefined || typeof value === "string",
  });
}
