import { existsSync, renameSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { ownerTag } from "../owner-tag.ts";
import { isWhole, type RawRecord } from "./check-records.ts";
import { openToLook } from "./connect.ts";
import { recordsCopyPath } from "./copy-records.ts";
import { applicationId, schema } from "./schema.ts";

/** What came of a repair. */
export interface RepairedRecords {
  /** Where the damaged database lies now, for those who want to look. */
  readonly damagedPath: string;
  /** Records that the database still had whole. */
  readonly keptCount: number;
  /** Records that came from the second copy: as they were when an image was last made or named, or a container made. */
  readonly restored: readonly { readonly collection: string; readonly key: string }[];
  /** Records of which it is known that they are gone. */
  readonly lost: readonly { readonly collection: string; readonly key: string }[];
}

/**
 * Makes a database of records anew from what can still be read of it and, for the rest, from its second copy. Nobody else may
 * use the database meanwhile: what others write is lost.
 *
 * @example
 * const { lost } = repairRecords("/var/lib/galley/galley.db");
 */
export function repairRecords(hostPath: string): RepairedRecords {
  const damaged = salvage(hostPath);
  const copy = salvage(recordsCopyPath(hostPath));
  const restored = [...copy.records].filter(([id]) => !damaged.records.has(id) && !damaged.isUpToDate);
  const records = new Map([...damaged.records, ...restored]);
  const temporary = `${hostPath}.${ownerTag("new")}`;
  const damagedPath = `${hostPath}.damaged`;
  try {
    write(temporary, [...records.values()], [...damaged.names, ...copy.names]);
    for (const suffix of ["", "-wal", "-shm"]) setAside(`${hostPath}${suffix}`, `${damagedPath}${suffix}`);
    renameSync(temporary, hostPath);
  } finally {
    rmSync(temporary, { force: true });
  }
  return {
    damagedPath,
    keptCount: damaged.records.size,
    restored: restored.map(([, { collection, key }]) => ({ collection, key })),
    lost: damaged.broken.filter(({ collection, key }) => !records.has(idOf({ collection, key }))),
  };
}

interface Name {
  readonly collection: string;
  readonly name: string;
  readonly key: string;
}

interface Salvaged {
  readonly records: ReadonlyMap<string, RawRecord>;
  readonly broken: readonly { readonly collection: string; readonly key: string }[];
  readonly names: readonly Name[];
  /** Every row could be read, so that a record that is not there was removed. */
  readonly isUpToDate: boolean;
}

function idOf({ collection, key }: { readonly collection: string; readonly key: string }): string {
  return `${collection}\0${key}`;
}

function salvage(hostPath: string): Salvaged {
  const nothing: Salvaged = { records: new Map(), broken: [], names: [], isUpToDate: false };
  if (!existsSync(hostPath)) return nothing;
  try {
    const database = openToLook(hostPath);
    try {
      return salvageFrom(database);
    } finally {
      database.close();
    }
  } catch {
    return nothing; // not a database any more
  }
}

function salvageFrom(database: DatabaseSync): Salvaged {
  const { rows, isWhole: isUpToDate } = readRows(database);
  const named = rows.filter(({ collection, key, value }) =>
    [collection, key, value].every((text) => typeof text === "string"),
  );
  const whole = named.filter(isWhole);
  return {
    records: new Map(whole.map((row) => [idOf(row), row])),
    broken: named.filter((row) => !isWhole(row)),
    names: readNames(database),
    isUpToDate: isUpToDate && whole.length === named.length,
  };
}

/** A range of row ids that cannot be read is halved until the bad rows are alone. */
function readRows(database: DatabaseSync): { rows: RawRecord[]; isWhole: boolean } {
  const range = database.prepare("SELECT * FROM records WHERE rowid BETWEEN ? AND ?");
  const rows: RawRecord[] = [];
  let whole = true;
  const read = (first: number, last: number): void => {
    try {
      rows.push(...(range.all(first, last) as unknown as RawRecord[]));
    } catch {
      whole = false;
      const middle = Math.floor((first + last) / 2);
      if (first === last) return;
      read(first, middle);
      read(middle + 1, last);
    }
  };
  read(1, lastRow(database));
  return { rows, isWhole: whole };
}

/** Row ids grow by one with each record and are not used up in a store's life. */
const manyRows = 2 ** 20;

function lastRow(database: DatabaseSync): number {
  try {
    return Number(
      (database.prepare("SELECT max(rowid) AS last FROM records").get() as { last: number | null }).last ?? 1,
    );
  } catch {
    return manyRows;
  }
}

function readNames(database: DatabaseSync): Name[] {
  try {
    return database.prepare("SELECT collection, name, key FROM names").all() as unknown as Name[];
  } catch {
    return []; // those of the copy have to do
  }
}

/** The first one to have a name keeps it; names of records that are gone go with them. */
function write(hostPath: string, records: readonly RawRecord[], names: readonly Name[]): void {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(hostPath);
  try {
    database.exec(`PRAGMA application_id = ${applicationId}; ${schema}; BEGIN`);
    const add = database.prepare(
      "INSERT INTO records (collection, key, version, value, checksum) VALUES (?, ?, ?, ?, ?)",
    );
    for (const { collection, key, version, value, checksum } of records)
      add.run(collection, key, version, value, checksum);
    const addName = database.prepare(
      "INSERT OR IGNORE INTO names (collection, name, key) SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM records WHERE collection = ?1 AND key = ?3)",
    );
    for (const { collection, name, key } of names) addName.run(collection, name, key);
    database.exec("COMMIT; PRAGMA journal_mode = WAL");
  } finally {
    database.close();
  }
}

function setAside(from: string, to: string): void {
  rmSync(to, { force: true });
  if (existsSync(from)) renameSync(from, to);
}
