import { type GalleyError, galleyError, isGalleyError } from "@galley/spec";
import type { Connection, Connector } from "./connect.ts";
import { copyRecords } from "./copy-records.ts";
import { recordsError } from "./records-error.ts";
import { hasRoomAgain, keepReserve, releaseReserve } from "./reserve.ts";

/** How a transaction ends. */
export interface TransactionOptions {
  /** Flush the log to the disk before returning, and bring the second copy up to date. */
  readonly durable?: boolean | undefined;
  /** On a full disk use the room that is kept for removals. */
  readonly removes?: boolean | undefined;
  /** Bring the second copy up to date without waiting for the disk. */
  readonly copied?: boolean | undefined;
}

/** Runs `body` in a write transaction that takes its lock at once, so that it never has to be tried again half-way. */
export function transaction<Result>(
  connections: Connector,
  body: () => Result,
  options: TransactionOptions = {},
): Result {
  const connection = connections.writer(options);
  if (connection.database.isTransaction) return body();
  const result = attemptTwice(connections, connection, { ...options, act: () => attempt(connection, body, options) });
  if (options.durable) keepReserve(connections.hostPath);
  if (options.durable || options.copied) copyRecords(connection.database, connections.hostPath);
  if (result instanceof Promise)
    throw galleyError("internal", "storage.async-transaction", "a transaction's body must not wait");
  return result;
}

/** A removal on a full disk once more with the room that is kept for that; nothing of the first attempt is left. */
function attemptTwice<Result>(
  { hostPath }: Connector,
  { database }: Connection,
  { act, removes }: { readonly act: () => Result; readonly removes?: boolean | undefined },
): Result {
  try {
    return act();
  } catch (error) {
    if (!removes || !isGalleyError(error, "unavailable") || !hasRoomFor(error, hostPath)) throw error;
    try {
      database.exec("PRAGMA wal_checkpoint(RESTART)"); // what the log takes already can be used again
    } catch {
      // then the room alone has to do
    }
    return act();
  }
}

function hasRoomFor({ code }: GalleyError, hostPath: string): boolean {
  if (code === "storage.full") return releaseReserve(hostPath);
  return code === "storage.records-unreadable" && hasRoomAgain(hostPath);
}

function attempt<Result>({ database }: Connection, body: () => Result, { durable }: TransactionOptions): Result {
  try {
    if (durable) database.exec("PRAGMA synchronous = FULL");
    database.exec("BEGIN IMMEDIATE");
    const result = body();
    database.exec(result instanceof Promise ? "ROLLBACK" : "COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw isGalleyError(error) || !isSqlite(error) ? error : recordsError("write records", error);
  } finally {
    if (durable) database.exec("PRAGMA synchronous = NORMAL");
  }
}

function isSqlite(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_SQLITE_ERROR";
}
