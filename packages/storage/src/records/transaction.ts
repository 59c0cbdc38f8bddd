import { galleyError, isGalleyError } from "@galley/spec";
import type { Connection, Connector } from "./connect.ts";
import { copyRecords } from "./copy-records.ts";
import { recordsError } from "./records-error.ts";

/** How a transaction ends. */
export interface TransactionOptions {
  /** Flush the log to the disk before returning, and bring the second copy up to date. */
  readonly durable?: boolean | undefined;
}

/** Runs `body` in a write transaction that takes its lock at once, so that it never has to be tried again half-way. */
export function transaction<Result>(
  connections: Connector,
  body: () => Result,
  options: TransactionOptions = {},
): Result {
  const connection = connections.writer();
  if (connection.database.isTransaction) return body();
  const result = attempt(connection, body, options);
  if (options.durable) copyRecords(connection.database, connections.hostPath);
  if (result instanceof Promise)
    throw galleyError("internal", "storage.async-transaction", "a transaction's body must not wait");
  return result;
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
