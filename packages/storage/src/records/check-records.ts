import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { openToLook } from "./connect.ts";
import { recordChecksum } from "./record-checksum.ts";
import { sqliteCode } from "./records-error.ts";

/** Something wrong in a database of records: with the file as such, or with one record. */
export interface RecordsProblem {
  readonly collection?: string;
  readonly key?: string;
  readonly problem: string;
}

/**
 * Looks at a database of records: its pages (SQLite's own check), every record's checksum and JSON, every name's record. Reads only,
 * and finds nothing wrong with a database that is not there.
 *
 * @example
 * for (const { collection, key, problem } of checkRecords("/var/lib/galley/galley.db")) console.log(problem, collection, key);
 */
export function checkRecords(hostPath: string): RecordsProblem[] {
  if (!existsSync(hostPath)) return [];
  try {
    const database = openToLook(hostPath);
    try {
      return [...pageProblems(database), ...recordProblems(database), ...nameProblems(database)];
    } finally {
      database.close();
    }
  } catch (error) {
    if (sqliteCode(error) === "corrupt" || sqliteCode(error) === "notadb")
      return [{ problem: (error as Error).message }];
    throw error;
  }
}

function pageProblems(database: DatabaseSync): RecordsProblem[] {
  const rows = database.prepare("PRAGMA integrity_check(20)").all() as { integrity_check: string }[];
  return rows
    .map(({ integrity_check }) => integrity_check)
    .filter((text) => text !== "ok")
    .map((problem) => ({ problem }));
}

/** A record as its row has it. */
export interface RawRecord {
  readonly collection: string;
  readonly key: string;
  readonly version: number;
  readonly value: string;
  /** Null for a record that an earlier release wrote. */
  readonly checksum: number | null;
}

function recordProblems(database: DatabaseSync): RecordsProblem[] {
  const rows = database.prepare("SELECT * FROM records").iterate() as Iterable<unknown> as Iterable<RawRecord>;
  const problems: RecordsProblem[] = [];
  for (const row of rows)
    if (!isWhole(row)) problems.push({ collection: row.collection, key: row.key, problem: "is damaged" });
  return problems;
}

/** Is a record what was written? */
export function isWhole(record: RawRecord): boolean {
  if (typeof record.checksum === "number") return record.checksum === recordChecksum(record);
  try {
    JSON.parse(record.value);
    return true;
  } catch {
    return false;
  }
}

function nameProblems(database: DatabaseSync): RecordsProblem[] {
  const lost =
    "SELECT collection, name FROM names n WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.collection = n.collection AND r.key = n.key)";
  const rows = database.prepare(lost).all() as { collection: string; name: string }[];
  return rows.map(({ collection, name }) => ({ collection, key: name, problem: "is a name of nothing" }));
}
