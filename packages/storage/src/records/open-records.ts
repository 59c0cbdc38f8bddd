import { galleyError } from "@galley/spec";
import { checkRecords, type RecordsProblem } from "./check-records.ts";
import { collection } from "./collection.ts";
import { connector } from "./connect.ts";
import { reclaimRecords } from "./reclaim-records.ts";
import { type RepairedRecords, repairRecords } from "./repair-records.ts";
import { type TransactionOptions, transaction } from "./transaction.ts";

/** A record as it was read. */
export interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
  /** Unique in the collection, sorted. */
  readonly names: readonly string[];
  /** 1 when new; grows by one with every write. */
  readonly version: number;
}

/** How to write. */
export interface PutOptions {
  /** Replaces the record's names; left out, they stay. */
  readonly names?: readonly string[] | undefined;
  /** Write only over this version; 0: only if the key is new. Otherwise conflict, storage.record-changed. */
  readonly ifVersion?: number | undefined;
}

/** Records of one kind: JSON values by key, with unique names besides. Every method is one statement or transaction. */
export interface Collection<Value> {
  get(key: string): Entry<Value> | undefined;
  getByName(name: string): Entry<Value> | undefined;
  /** All records, or those whose key begins with `prefix`, by key; at most `limit`. */
  list(options?: { readonly prefix?: string | undefined; readonly limit?: number | undefined }): Entry<Value>[];
  /** Writes a record. A name that another record has is a conflict, storage.name-in-use, with that record's key in `details.key`. */
  put(key: string, value: Value, options?: PutOptions): Entry<Value>;
  /** Reads, changes and writes in one transaction; undefined when there is no such record. */
  update(key: string, change: (value: Value) => Value): Entry<Value> | undefined;
  /** Removes a record and its names; false when it was not there. */
  delete(key: string, options?: { readonly ifVersion?: number | undefined }): boolean;
}

/** A database of records. */
export interface Records {
  collection<Value>(name: string): Collection<Value>;
  /**
   * Runs `body`, which must not wait, as one write transaction: all or nothing. Nested calls join the outer one.
   * With `durable` it survives a power cut once this returns; otherwise only a crash of the process is survived for sure.
   */
  transaction<Result>(body: () => Result, options?: TransactionOptions): Result;
  /** Looks for damage, reading only; see `checkRecords`. */
  check(): RecordsProblem[];
  /** Makes the database anew from what can still be read and from its second copy; see `repairRecords`. */
  repair(): RepairedRecords;
  /** Removes what dead processes left beside the database. */
  reclaim(): void;
  close(): void;
}

/**
 * Opens a database of records (SQLite, write-ahead log). Synchronous, because every statement takes microseconds and
 * the alternative is a thread. Touches nothing until used; reading a database that is not there finds nothing and
 * makes nothing. Readers never wait for writers. Any number of processes may use it.
 *
 * @throws corrupt storage.records-corrupt; unsupported storage.records-newer when a later release wrote it;
 *   unavailable storage.records-busy, storage.full, storage.read-only
 *
 * @example
 * const records = openRecords("/var/lib/galley/galley.db");
 * const containers = records.collection<{ status: string }>("containers");
 * containers.put("4f1c", { status: "created" }, { names: ["web"], ifVersion: 0 });
 * containers.getByName("web")?.value.status; // "created"
 */
export function openRecords(hostPath: string): Records {
  const connections = connector(hostPath);
  const run: Records["transaction"] = (body, options) => transaction(connections, body, options);
  return {
    collection: <Value>(name: string) => {
      if (!/^[a-z][a-z-]{0,63}$/.test(name))
        throw galleyError("invalid", "storage.collection-name", `not a collection name: ${name}`);
      return collection<Value>(name, { connections, transaction: run });
    },
    transaction: run,
    check: () => checkRecords(hostPath),
    repair: () => {
      connections.close();
      return repairRecords(hostPath);
    },
    reclaim: () => reclaimRecords(hostPath),
    close: () => connections.close(),
  };
}
