import { existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { galleyError } from "@galley/spec";
import { busyTimeoutMs } from "../limits.ts";
import { ownerTag } from "../owner-tag.ts";
import { recordsError, sqliteCode } from "./records-error.ts";
import { hasRoomAgain } from "./reserve.ts";
import { applicationId, migrations, schema, schemaVersion } from "./schema.ts";

/** A connection with its prepared statements. */
export interface Connection {
  readonly database: DatabaseSync;
  statement(sql: string): StatementSync;
}

/** Connects when first needed, and again after `close`. */
export interface Connector {
  readonly hostPath: string;
  /** Undefined when there is no database yet. */
  reader(): Connection | undefined;
  /** Makes the database when there is none. Who removes something may use the room that is kept for that on a full disk. */
  writer(options?: { readonly removes?: boolean | undefined }): Connection;
  close(): void;
}

/** The only place that knows how a database is opened. */
export function connector(hostPath: string): Connector {
  let open: Connection | undefined;
  let writable = true;
  let wrote = false;
  const connect = () => {
    const { database, immutable } = openExisting(hostPath);
    writable = !immutable;
    open = connection(database);
    return open;
  };
  const reader = () => open ?? (existsSync(hostPath) ? connect() : undefined);
  const reconnect = () => {
    close();
    return connect();
  };
  const writer: Connector["writer"] = ({ removes = false } = {}) => {
    if (!open && !existsSync(hostPath)) makeDatabase(hostPath);
    const found = open ?? connect();
    const existing = !writable && removes && hasRoomAgain(hostPath) ? reconnect() : found;
    if (!writable)
      throw galleyError("unavailable", "storage.read-only", `the records ${hostPath} can only be read here`);
    if (!wrote) migrate(existing.database, hostPath);
    wrote = true;
    return existing;
  };
  const close = () => {
    const last = wrote ? openLast(hostPath) : undefined;
    open?.database.close();
    last?.close();
    open = undefined;
    wrote = false;
  };
  return { hostPath, reader, writer, close };
}

/**
 * The last connection that closes moves the log into the database and deletes it: four flushes of the disk for each short command
 * that writes. One that can only read leaves the log to the next; it is moved when it has grown (wal.html, "Checkpointing").
 */
function openLast(hostPath: string): DatabaseSync | undefined {
  try {
    const database = new (sqlite().DatabaseSync)(hostPath, { readOnly: true });
    database.exec("SELECT 1 FROM sqlite_master"); // takes the lock that the other's closing looks for
    return database;
  } catch {
    return undefined; // then it is moved now
  }
}

/** Pages of the log at which it is moved: a reader that comes first has to look through it. */
const logPages = 200;

function connection(database: DatabaseSync): Connection {
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string) => {
    const known = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  return { database, statement };
}

/** Loaded when first needed: commands that touch no record do not pay for it. */
function sqlite(): typeof import("node:sqlite") {
  return process.getBuiltinModule("node:sqlite");
}

function openExisting(hostPath: string): { database: DatabaseSync; immutable: boolean } {
  try {
    return openSomehow(hostPath, openChecked);
  } catch (error) {
    throw recordsError(`open the records ${hostPath}`, error);
  }
}

/** Where a database is: a file, or one that nothing changes. */
type DatabasePlace = string | URL;

/** Opens a database for somebody who only looks, whatever is in it; see `openExisting`. */
export function openToLook(hostPath: string): DatabaseSync {
  return openSomehow(hostPath, (place) => {
    const database = new (sqlite().DatabaseSync)(place, { timeout: busyTimeoutMs, readOnly: true });
    try {
      database.exec("PRAGMA user_version"); // opening alone reads nothing
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }).database;
}

/** Where nothing can be written as a file that nothing changes; on a full disk, if need be, with the room that is kept for it. */
function openSomehow(
  hostPath: string,
  open: (place: DatabasePlace) => DatabaseSync,
): { database: DatabaseSync; immutable: boolean } {
  try {
    return { database: open(hostPath), immutable: false };
  } catch (error) {
    if (!cannotMakeFiles(error)) throw error;
    const log = statSync(`${hostPath}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (log > 0 && hasRoomAgain(hostPath)) return openSomehow(hostPath, open);
    if (log > 0) throw error;
  }
  const url = pathToFileURL(hostPath);
  url.searchParams.set("immutable", "1");
  return { database: open(url), immutable: true };
}

/**
 * A reader of a write-ahead log must make the -shm file beside it. Where it cannot (read-only or full), the file is
 * read as it is, provided that no log holds newer pages (wal.html, "Read-Only Databases").
 */
function cannotMakeFiles(error: unknown): boolean {
  return ["cantopen", "readonly", "ioerr", "full"].includes(sqliteCode(error) ?? "");
}

function openChecked(place: DatabasePlace): DatabaseSync {
  const database = new (sqlite().DatabaseSync)(place, { timeout: busyTimeoutMs, readOnly: place instanceof URL });
  try {
    database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${logPages}`);
    checkSchema(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Brings the tables of an earlier release up to date; whoever comes second finds it done. */
function migrate(database: DatabaseSync, hostPath: string): void {
  if (userVersion(database) === schemaVersion || database.isTransaction) return;
  try {
    database.exec("BEGIN IMMEDIATE");
    for (let version = userVersion(database); version < schemaVersion; version++)
      database.exec(migrations[version] ?? "");
    database.exec(`PRAGMA user_version = ${schemaVersion}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw recordsError(`bring the records ${hostPath} up to date`, error);
  }
}

function userVersion(database: DatabaseSync): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

function checkSchema(database: DatabaseSync): void {
  const version = userVersion(database);
  if (version > schemaVersion)
    throw galleyError(
      "unsupported",
      "storage.records-newer",
      `the records have schema ${version}, this release knows ${schemaVersion}`,
    );
  if (version < 1) throw galleyError("corrupt", "storage.records-corrupt", "the records hold no schema");
}

/**
 * Made under another name and linked into place: nobody sees a database without its tables, and the journal mode, whose
 * change waits for no lock, is set while nobody else knows the file. link(2) refuses to replace, so the first one stays.
 */
function makeDatabase(hostPath: string): void {
  const temporary = `${hostPath}.${ownerTag("new")}`;
  try {
    mkdirSync(dirname(hostPath), { recursive: true, mode: 0o700 });
    const database = new (sqlite().DatabaseSync)(temporary, { timeout: busyTimeoutMs });
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${applicationId}; ${schema}`);
    database.close();
    place(temporary, hostPath);
  } catch (error) {
    throw recordsError(`make the records ${hostPath}`, error);
  } finally {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(`${temporary}${suffix}`, { force: true });
  }
}

function place(temporary: string, hostPath: string): void {
  try {
    linkSync(temporary, hostPath);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    // File systems without hard links: the race is left to the first moments of such a store.
    if (code !== "EPERM" && code !== "ENOTSUP") throw error;
    if (!existsSync(hostPath)) renameSync(temporary, hostPath);
  }
}
